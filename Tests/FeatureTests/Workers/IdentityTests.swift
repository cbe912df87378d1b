import Foundation
import Shapes
import Testing

@testable import Workers

/// Rule 4.3: two configurations are the same exactly if they mean the same. What the pairs of these tests mean is known before they are
/// written down, so nothing of the code under test decides what is expected.
@Suite struct IdentityTests {
    static let pairs = 100_000

    @Test func formsAreEqualExactlyIfTheyMeanTheSame() throws {
        let seed = UInt64(ProcessInfo.processInfo.environment["RANDOM_SEED"] ?? "") ?? 43
        var writer = ConfigurationWriter(seed: seed)
        var equal = 0
        for number in 0..<Self.pairs {
            let one = writer.meaning()
            let other = writer.random.chance(50) ? one : writer.changed(one)
            let texts = (writer.written(one), writer.written(other))
            let same = one.completed == other.completed
            equal += same ? 1 : 0
            let forms = (try Self.form(texts.0, writer.fields), try Self.form(texts.1, writer.fields))
            try #require(
                (forms.0.meaning == forms.1.meaning) == same,
                "pair \(number) of seed \(seed), the same: \(same)\n\(texts.0)\n\(texts.1)\n\(forms)")
            try #require(forms.0.isDefault == one.completed.isDefault, "pair \(number) of seed \(seed): \(texts.0)")
        }
        #expect(equal > Self.pairs / 3 && equal < Self.pairs * 4 / 5)
    }

    /// What was typed and left out once is a fixed point: a form that is read again is itself.
    @Test func aFormIsItsOwnForm() throws {
        var writer = ConfigurationWriter(seed: 7)
        for _ in 0..<2_000 {
            let form = try Self.form(writer.written(writer.meaning()), writer.fields)
            let again = try Self.form(form.values.written, writer.fields)
            try #require(form.meaning == again.meaning && form.values == again.values, "\(form.values.written)")
        }
    }

    @Test func floatsAreWrittenWithoutExponentAndReadBack() {
        var random = SeededGenerator(seed: 5)
        let edges: [Double] = [
            0.1, 1e16, 1e22, 123456789012345680, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .leastNormalMagnitude, 1.5, 100, 1e-7,
        ]
        for number in edges + (0..<5_000).map({ _ in Double(bitPattern: random.next()) }) where number.isFinite {
            let text = number.plain
            #expect(Double(text) == number && text.contains(".") && !text.contains("e"), "\(number): \(text)")
        }
        #expect((-0.0).plain == "0.0" && (0.0).plain == "0.0" && (-1e21).plain == "-1000000000000000000000.0")
    }

    static func form(_ text: String, _ fields: [Field]) throws -> SparseForm {
        try SparseForm(of: DatumReader.read(Array(text.utf8)), fields: fields)
    }
}
