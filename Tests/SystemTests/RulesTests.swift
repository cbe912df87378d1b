import Testing

/// docs/rules.md says which test proves which rule. A test that was renamed or removed would leave a promise without a proof.
@Suite struct RulesTests {
    @Test func everyTestThatProvesARuleExists() throws {
        let known = try Self.swiftTests().union(Self.clientTests())
        for rule in try Self.rules() {
            for test in rule.tests { #expect(known.contains(test), "\(rule.number) names \(test)") }
        }
    }

    @Test func everyRuleStandsOnceAndInOrder() throws {
        let numbers = try Self.rules().map(\.number)
        let counts = [(1, 5), (2, 8), (3, 5), (4, 7), (5, 10), (6, 8), (7, 11)]
        #expect(numbers == counts.flatMap { section, count in (1...count).map { "\(section).\($0)" } })
    }

    @Test func everyRuleIsProved() throws {
        let bare = try Self.rules().filter(\.tests.isEmpty).map(\.number)
        #expect(bare == [])
    }

    struct Rule {
        let number: String
        let tests: [String]
    }

    private static func rules() throws -> [Rule] {
        try Checkout.file("docs/rules.md").split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map { $0.trimming(while: \.isWhitespace) }
            guard cells.count == 5, cells[1].first?.isNumber == true else { return nil }
            // What stands between backticks.
            let parts = cells[3].split(separator: "`", omittingEmptySubsequences: false).enumerated()
            let tests = parts.filter { $0.offset % 2 == 1 }.map { String($0.element) }
            return Rule(number: cells[1], tests: tests)
        }
    }

    /// `Suite.test` for every test in Swift.
    private static func swiftTests() throws -> Set<String> {
        var tests: Set<String> = []
        for file in try Checkout.files(below: "Tests", ending: ".swift") {
            var suite = ""
            var marked = false
            for line in file.text.split(separator: "\n") {
                if let name = line.word(after: "@Suite struct ") { suite = name }
                if line.hasPrefix("extension "), line.contains("Tests {"), let name = line.word(after: "extension ") { suite = name }
                if line.contains("@Test") { marked = true }
                if marked, let name = line.word(after: "func ") {
                    tests.insert("\(suite).\(name)")
                    marked = false
                }
            }
        }
        return tests
    }

    /// `test_file.py::test` for every test with the Python clients.
    private static func clientTests() throws -> Set<String> {
        var tests: Set<String> = []
        for file in try Checkout.files(below: "Tests/ClientTests", ending: ".py") {
            let fileName = file.path.split(separator: "/").last ?? ""
            for line in file.text.split(separator: "\n") where line.hasPrefix("def test_") {
                if let name = line.word(after: "def ") { tests.insert("\(fileName)::\(name)") }
            }
        }
        return tests
    }
}

extension StringProtocol {
    /// The letters, digits and underscores that follow a mark.
    fileprivate func word(after mark: String) -> String? {
        guard let place = ranges(of: mark).first else { return nil }
        let word = self[place.upperBound...].prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        return word.isEmpty ? nil : String(word)
    }

    fileprivate func trimming(while unwanted: (Character) -> Bool) -> String {
        String(drop(while: unwanted).reversed().drop(while: unwanted).reversed())
    }
}
