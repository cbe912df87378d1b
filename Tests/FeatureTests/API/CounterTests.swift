import Postgres
import Shapes
import Testing

@testable import Server

/// Previews and counts are sums of a few rows; they have to be exact.
@Suite struct CounterTests {
    /// Counters are kept by every statement that writes; a page's count is their sum.
    @Test func countersEqualWhatTheyCountAfterAnyMix() async throws {
        try await Tester.with { tester in
            let seed = UInt64.random(in: 0...UInt64.max)
            var random = Seeded(seed: seed)
            let scenario = try await Scenario(tester, pages: 3)
            let tasks = [try await scenario.claimed(), try await scenario.claimed(), nil]
            let kinds = try await (0..<3).asyncMap { number in
                try await tester.post("/api/v1/corpus/\(scenario.corpus)/classes/", ["name": .string("\(number)")]).created()
            }
            let person = try await tester.post("/api/v1/entity/types/", ["name": "person", "corpus": .string(scenario.corpus)]).created()
            var elements = scenario.pages
            var texts: [String] = []
            for _ in 0..<60 {
                let task = tasks.randomElement(using: &random) ?? nil
                let caller = task?.caller ?? .administrator
                let element = try #require(elements.randomElement(using: &random))
                switch Int.random(in: 0..<7, using: &random) {
                case 0:
                    let page = try #require(scenario.pages.randomElement(using: &random))
                    elements += try await scenario.lines(.random(in: 1...3, using: &random), below: page, by: task)
                case 1, 2: texts.append(try await scenario.text("text", on: element, by: task))
                case 3:
                    let kind = try #require(kinds.randomElement(using: &random))
                    let body: JSONValue = ["element": .string(element), "ml_class": .string(kind), "confidence": 1]
                    let answer = try await tester.post("/api/v1/classifications/", body.signed(task), as: caller)
                    #expect([201, 400].contains(answer.status))
                case 4:
                    let body: JSONValue = [
                        "metadata_list": [["type": "text", "name": "a", "value": "b"], ["type": "text", "name": "a", "value": "c"]]
                    ]
                    let path = "/api/v1/element/\(element)/metadata/bulk/"
                    #expect(try await tester.post(path, body.signed(task), as: caller).status == 201)
                case 5:
                    guard let text = texts.randomElement(using: &random) else { continue }
                    let body: JSONValue = ["type_id": .string(person), "offset": .integer(.random(in: 0...4, using: &random)), "length": 1]
                    let answer = try await tester.post("/api/v1/transcription/\(text)/entities/", body.signed(task), as: caller)
                    #expect([201, 400].contains(answer.status), "\(answer)")
                default:
                    #expect(try await tester.patch("/api/v1/element/\(element)/", ["name": "renamed"]).status == 200)
                }
            }
            #expect(try await tester.miscounted() == [], "seed \(seed)")
        }
    }
}

extension Tester {
    /// Counters that differ from what they count. Where something is being purged they are not looked at: they go last.
    func miscounted(in corpus: String? = nil) async throws -> [String] {
        let kinds = ["transcription", "classification", "metadata", "transcription_entity", "embedding"]
        let results = kinds.map { kind in
            """
            SELECT r.corpus_id, e.lineage_id, e.kept AS element_kept, r.source_id, r.kept, '\(kind)' AS kind,
              \(kind == "transcription_entity" ? "t.source_id, t.kept" : "0, true")
            FROM \(kind) r LEFT JOIN element e ON e.tenant_id = r.tenant_id AND e.id = r.element_id
              \(kind == "transcription_entity" ? "LEFT JOIN transcription t ON t.tenant_id = r.tenant_id AND t.id = r.transcription_id" : "")
            """
        }
        let key = "corpus_id, lineage_id, element_kept, source_id, kept, kind, transcription_source_id, transcription_kept"
        let rows = try await asOwner(
            """
            WITH rows AS (SELECT e.corpus_id, e.lineage_id, e.kept AS element_kept, e.source_id, e.kept, 'element' AS kind,
                0 AS transcription_source_id, true AS transcription_kept FROM element e
              UNION ALL \(results.joined(separator: " UNION ALL ")))
            SELECT (to_jsonb(counted) || to_jsonb(found))::text
            FROM (SELECT \(key), count(*) AS found FROM rows GROUP BY \(key)) AS found
            FULL JOIN (SELECT \(key), n FROM result_count WHERE n <> 0) AS counted USING (\(key))
            WHERE found.found IS DISTINCT FROM counted.n AND ($1::uuid IS NULL OR corpus_id = $1)
              AND corpus_id NOT IN (SELECT corpus_id FROM deletion WHERE state = 'purging')
            -- Whatever a purge has left behind would be seen again.
            UNION ALL SELECT kind || ' of a purged source' FROM rows JOIN source s ON s.id = rows.source_id AND s.purged IS NOT NULL
              WHERE $1::uuid IS NULL OR rows.corpus_id = $1
            """, [corpus.map(Parameter.text) ?? .null])
        return (0..<rows.count).map { rows.text($0, 0) ?? "one side only" }
    }
}

extension Sequence {
    func asyncMap<Value>(_ transform: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
