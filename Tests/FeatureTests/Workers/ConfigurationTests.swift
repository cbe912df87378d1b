import Foundation
import HTTPTypes
import Shapes
import Testing

@testable import Workers

/// Rules 4.2, 4.3 and 4.5 through the API and the database.
@Suite struct ConfigurationTests {
    /// Rule 4.3, on rows: 500 configurations, each kept once, each twin named.
    @Test func theDatabaseKeepsEachMeaningOnce() async throws {
        let seed: UInt64 = 11
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 0, yaml: ConfigurationWriter.yaml)
            var writer = ConfigurationWriter(seed: seed)
            var kept: [ConfigurationWriter.Meaning: String] = [:]
            var twins = 0
            for number in 0..<500 {
                let meaning =
                    kept.isEmpty || writer.random.chance(60)
                    ? writer.meaning()
                    : Array(kept.keys).sorted { "\($0)" < "\($1)" }.randomElement(using: &writer.random) ?? writer.meaning()
                let text = writer.written(meaning)
                let answer = try await tester.send(
                    .post, "/api/v1/workers/\(scenario.worker)/configurations/", #"{"name": "\#(number)", "configuration": \#(text)}"#)
                let known = meaning.completed
                if known.isDefault {
                    #expect(answer.codes == ["equals_default"], "\(text): \(answer)")
                } else if let existing = kept[known] {
                    twins += 1
                    #expect(answer.status == 400 && answer.codes == ["configuration_exists"], "\(text): \(answer)")
                    #expect(answer.json["existing_id"]?.string == existing, "\(text)")
                } else {
                    kept[known] = try answer.created()
                }
            }
            #expect(kept.count > 100 && twins > 100)
            #expect(try await tester.value("SELECT count(*) FROM worker_configuration") == "\(kept.count)")
        }
    }

    /// Rule 4.3 and fault 46: a storm of the same configuration makes one row, and everybody learns which.
    @Test func aStormOfCreatesMakesOneRow() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 0)
            let spellings = [#"{"size": 5, "ratio": 1}"#, #"{"ratio": 1.0, "size": 5.0}"#, #"{"size": 50e-1, "ratio": 1, "deep": false}"#]
            let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        try await tester.send(
                            .post, "/api/v1/workers/\(scenario.worker)/configurations/",
                            #"{"name": "Storm \#(number)", "configuration": \#(spellings[number % 3])}"#)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let made = answers.filter { $0.status == 201 }
            #expect(made.count == 1)
            let others = answers.filter { $0.status == 400 && $0.codes == ["configuration_exists"] }
            #expect(others.count == 199)
            #expect(others.allSatisfy { $0.json["existing_id"]?.string == made.first?.id && $0.json["name"] == made.first?.json["name"] })
            #expect(try await tester.value("SELECT count(*) FROM worker_configuration") == "1")
        }
    }

    /// Rule 4.3: the default is refused; a twin is named, also when it is archived.
    @Test func theDefaultAndTwinsAreRefused() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 0)
            let path = "/api/v1/workers/\(scenario.worker)/configurations/"
            for values in ["{}", #"{"size": 4}"#, #"{"size": 4.0, "ratio": 0.5, "deep": false, "title": null}"#] {
                let answer = try await tester.send(.post, path, #"{"name": "Default", "configuration": \#(values)}"#)
                #expect(answer.status == 400 && answer.codes == ["equals_default"] && answer.places == ["configuration"], "\(answer)")
            }
            let first = try await tester.configuration(of: scenario.worker, "Large", ["size": 8])
            for archived in [false, true] {
                _ = try await tester.patch("/api/v1/workers/configurations/\(first)/", ["archived": .boolean(archived)]).expect()
                let twin = try await tester.send(.post, path, #"{"name": "Other", "configuration": {"size": 8.0}}"#)
                #expect(twin.status == 400 && twin.codes == ["configuration_exists"])
                #expect(twin.json["existing_id"] == .string(first) && twin.json["name"] == "Large")
                #expect(twin.json["archived"] == .boolean(archived))
            }
            // 1, "1" and true are three things.
            for values in [#"{"title": "1"}"#, #"{"size": 1}"#, #"{"deep": true}"#] {
                _ = try await tester.send(.post, path, #"{"name": \#(JSONValue.string(values).text), "configuration": \#(values)}"#)
                    .created()
            }
        }
    }

    /// Rule 4.2: names are unique among those that are not archived, also in another normal form.
    @Test func namesAreUniqueAmongWhatIsAvailable() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 0)
            let path = "/api/v1/workers/\(scenario.worker)/configurations/"
            let first = try await tester.configuration(of: scenario.worker, "Caf\u{E9}", ["size": 1])
            let twin = try await tester.post(path, ["name": " Cafe\u{301} ", "configuration": ["size": 2]])
            #expect(twin.status == 400 && twin.codes == ["unique"] && twin.places == ["name"], "\(twin)")
            _ = try await tester.patch("/api/v1/workers/configurations/\(first)/", ["archived": true]).expect()
            let second = try await tester.configuration(of: scenario.worker, "Caf\u{E9}", ["size": 2])
            let back = try await tester.patch("/api/v1/workers/configurations/\(first)/", ["archived": false])
            #expect(back.status == 400 && back.codes == ["unique"], "\(back)")
            let renamed = try await tester.patch("/api/v1/workers/configurations/\(first)/", ["archived": false, "name": "Tea"]).expect()
            #expect(renamed["name"] == "Tea" && renamed["archived"] == false)
            #expect(try await tester.patch("/api/v1/workers/configurations/\(second)/", ["name": "Tea"]).codes == ["unique"])
            for name in ["", "   ", "a\u{202E}b", "a\u{200B}b", "\u{7}", String(repeating: "x", count: 251)] {
                let answer = try await tester.post(path, ["name": .string(name), "configuration": ["size": 9, "more": 1]])
                #expect(answer.status == 400 && answer.places.contains("name"), "\(name): \(answer)")
                // Everything wrong is reported together.
                #expect(answer.places.contains("configuration.more"), "\(name): \(answer)")
                #expect(try await tester.patch("/api/v1/workers/configurations/\(second)/", ["name": .string(name)]).status == 400)
            }
        }
    }

    /// Rule 4.2: element types are held against the corpus, versions and models against what the caller may see.
    @Test func referencesLeadSomewhere() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 0, yaml: ValueTests.yaml)
            let path = "/api/v1/workers/\(scenario.worker)/configurations/"
            let nowhere = "0198c0de-0000-7000-8000-000000000000"
            let values: JSONValue = [
                "paper": ["size": 2], "kind": "sheet", "kinds": ["page", "sheet"], "model": .string(nowhere), "version": .string(nowhere),
                "versions": [.string(scenario.version), .string(nowhere)], "flag": 3,
            ]
            let answer = try await tester.post(path, ["name": "A", "corpus": .string(scenario.corpus), "configuration": values])
            #expect(answer.status == 400)
            #expect(
                Set(answer.places) == [
                    "configuration.kind", "configuration.kinds.1", "configuration.model", "configuration.version",
                    "configuration.versions.1",
                    "configuration.flag",
                ], "\(answer)")
            let right: JSONValue = ["paper": ["size": 2], "kind": "page", "version": .string(scenario.version)]
            let made = try await tester.post(path, ["name": "A", "corpus": .string(scenario.corpus), "configuration": right]).expect(201)
            #expect(made["initial_corpus"] == .string(scenario.corpus) && made["initial_worker_version"] == .string(scenario.version))
            let elsewhere = try await tester.post(path, ["name": "B", "corpus": .string(nowhere), "configuration": right])
            #expect(elsewhere.status == 400 && elsewhere.places == ["corpus"], "\(elsewhere)")
            let other = try await tester.post(path, ["name": "B", "worker_version": .string(nowhere), "configuration": right])
            #expect(other.status == 400 && other.places == ["worker_version"], "\(other)")
        }
    }

    /// Faults 41 to 43: whatever stands in a configuration is kept as it is, or refused at its place.
    @Test(arguments: [
        (#""\u0000""#, "null_character"), (#""\ud800""#, "lone_surrogate"), ("NaN", "parse_error"), ("-Infinity", "parse_error"),
        (#"{"a": 1, "a": 2}"#, "duplicate_key"), (String(repeating: "[", count: 10_000), "too_deep"), ("1e400", "invalid"),
        ("01", "parse_error"),
    ]) func badValuesAreRefusedAtTheirPlace(_ value: String, _ code: String) async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 0)
            let answer = try await tester.send(
                .post, "/api/v1/workers/\(scenario.worker)/configurations/", #"{"name": "a", "configuration": {"ratio": \#(value)}}"#)
            #expect(answer.status == 400 && answer.codes.contains(code), "\(answer)")
            #expect(answer.places.allSatisfy { $0.hasPrefix("configuration.ratio") }, "\(answer)")
        }
    }

    @Test func largeBodiesAreRefusedAtTheirPlace() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 0)
            for size in [5 << 20, 600 << 10] {
                let answer = try await tester.post(
                    "/api/v1/workers/\(scenario.worker)/configurations/",
                    ["name": "a", "configuration": ["title": .string(String(repeating: "x", count: size))]])
                #expect(answer.status == 400 && answer.codes == ["too_large"] && answer.places == ["configuration"], "\(answer)")
            }
            let languages = JSONValue.array((0..<20_000).map { .string("l\($0)") })
            _ = try await tester.configuration(of: scenario.worker, "Many", ["languages": languages])
        }
    }

    @Test(arguments: [
        "\u{202E}abc", "a\u{200B}b", "\u{FEFF}", "e\u{301}", "\u{1F468}\u{200D}\u{1F469}", "'; DROP TABLE worker; --", "<script>",
    ])
    func textsAreKeptAsTheyAre(_ text: String) async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 0)
            let made = try await tester.configuration(of: scenario.worker, "A", ["title": .string(text)])
            let answer = try await tester.get("/api/v1/workers/configurations/\(made)/").expect()
            #expect(answer["configuration"]?["title"]?.string?.isExactly(text) == true)
        }
    }

    @Test(arguments: ["9007199254740993", "-9223372036854775808", "9007199254740993.0", "90071992547409930E-1"])
    func integersKeepAllTheirDigits(_ number: String) async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 0)
            let path = "/api/v1/workers/\(scenario.worker)/configurations/"
            let made = try await tester.send(.post, path, #"{"name": "a", "configuration": {"size": \#(number)}}"#)
            #expect(made.status == 201)
            let digits = number.hasPrefix("-") ? number : "9007199254740993"
            #expect(made.text.contains("\"size\": \(digits)") || made.text.contains("\"size\":\(digits)"), "\(made)")
            // Its neighbour, which a float cannot tell from it, is another configuration.
            let neighbour = try await tester.send(.post, path, #"{"name": "b", "configuration": {"size": 9007199254740992}}"#)
            #expect(neighbour.status == 201, "\(neighbour)")
        }
    }
}
