import HTTPTypes
import Shapes
import Testing
import Web

@testable import Server

/// Bodies and parameters that no client should send: each is a refusal that can be read, never a failure of the server.
@Suite struct MalformedTests {
    /// JSON that is broken, or says what cannot be kept. `%` stands for the value of a member that takes any text.
    static let values = [
        #""\u0000""#, #""\ud800""#, #""\udc00\ud800""#, "1e400", "-1e400", "NaN", "9223372036854775808", "1E999999999", "tru", "\"\u{1}\"",
        String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000),
        String(repeating: #"{"a":"#, count: 10_000) + "1" + String(repeating: "}", count: 10_000), #"{"a": 1, "a": "#, "[1,]", "'a'", "",
    ]

    @Test(arguments: values) func whatCannotBeAValueIsRefused(_ value: String) async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let page = scenario.pages[0]
            // One operation that decodes its body in Swift, and some that hand it to PostgreSQL.
            let requests: [(HTTPRequest.Method, String, String)] = [
                (.post, "/api/v1/corpus/", #"{"name": \#(value)}"#),
                (.post, "/api/v1/workers/\(scenario.worker)/configurations/", #"{"name": "a", "configuration": {"title": \#(value)}}"#),
                (.post, "/api/v1/element/\(page)/transcription/", #"{"text": \#(value)}"#),
                (.post, "/api/v1/element/\(page)/transcription/", #"{"text": "a", "confidence": \#(value)}"#),
                (.post, "/api/v1/element/\(page)/metadata/", #"{"type": "numeric", "name": "a", "value": [\#(value)]}"#),
                (.post, "/api/v1/element/\(page)/children/bulk/", #"{"elements": \#(value)}"#),
                (.patch, "/api/v1/element/\(page)/", #"{"name": \#(value)}"#), (.post, "/api/v1/corpus/", value),
                (.post, "/api/v1/element/\(page)/transcription/", value),
            ]
            for (method, path, body) in requests {
                let answer = try await tester.send(method, path, body)
                #expect(answer.status == 400, "\(path) \(body.prefix(80)): \(answer)")
                #expect(!answer.codes.isEmpty)
            }
        }
    }

    @Test func bytesThatAreNotUTF8AreRefused() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let bytes: [UInt8] = Array(#"{"text": ""#.utf8) + [0xC3, 0x28] + Array(#"", "name": "a"}"#.utf8)
            for path in ["/api/v1/corpus/", "/api/v1/element/\(scenario.pages[0])/transcription/"] {
                #expect(try await tester.send(.post, path, bytes: bytes).status == 400, "\(path)")
            }
        }
    }

    /// Deeper than PostgreSQL reads.
    @Test func whatIsNestedTooDeeplyIsRefused() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let deep = String(repeating: #"{"a":"#, count: 60_000) + "1" + String(repeating: "}", count: 60_000)
            for body in [#"{"text": "a", "b": \#(deep)}"#, #"{"text": \#(deep)}"#] {
                let answer = try await tester.send(.post, "/api/v1/element/\(scenario.pages[0])/transcription/", body)
                #expect(answer.status == 400 && answer.codes == ["too_large"], "\(answer)")
            }
        }
    }

    /// Of a body that PostgreSQL alone reads, too, it is said what is wrong.
    @Test(arguments: [
        (#""\u0000""#, "null_character"), (#""\ud800""#, "parse_error"), ("tru", "parse_error"), ("\"\u{1}\"", "parse_error"),
    ])
    func whatIsWrongIsSaid(value: String, code: String) async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let answer = try await tester.send(.post, "/api/v1/element/\(scenario.pages[0])/transcription/", #"{"text": \#(value)}"#)
            #expect(answer.status == 400 && answer.codes == [code], "\(answer)")
        }
    }

    /// Longer than an index takes.
    @Test(arguments: ["branch", "tag", "revision_url"]) func aNameOfARevisionHasAnEnd(_ field: String) async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 0)
            let path = "/api/v1/workers/\(scenario.worker)/versions/"
            let long = String((0..<9_000).map { _ in "abcdefghijklmnopqrstuvwxyz0123456789".randomElement() ?? "a" })
            let refused = try await tester.post(path, [field: .string(long)])
            #expect(refused.status == 400 && refused.places == [field], "\(refused)")
            #expect(try await tester.post(path, [field: .string(String(long.prefix(500)))]).status == 201)
        }
    }

    /// As forms and most clients write it, a plus in a query is a space.
    @Test func aPlusInAQueryIsASpace() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let spaced = try await tester.element(scenario.corpus, "page", "page 12 verso")
            let plus = try await tester.element(scenario.corpus, "page", "a+b")
            let path = "/api/v1/corpus/\(scenario.corpus)/elements/?page_size=1&name="
            #expect(try await tester.get(path + "page+12+verso").ids == [spaced])
            #expect(try await tester.get(path + "page%2012%20verso").ids == [spaced])
            #expect(try await tester.get(path + "a%2Bb").ids == [plus])
            let second = try await tester.element(scenario.corpus, "page", "page 12 verso")
            let next = try #require(try await tester.get(path + "page+12+verso").next)
            #expect(try await tester.get(next).ids == [second])
        }
    }

    @Test func bodiesOfAnotherKindAreRefusedWhole() async throws {
        try await Tester.with { tester in
            for operation in Compose.operations where operation.input["body"] != nil {
                for body in ["[]", "[{}]", "null", "1", "\"a\"", "true"] {
                    let answer = try await tester.send(operation.method, operation.path(with: operation.example), body)
                    // What the path names does not exist, which may be found first.
                    #expect([400, 404].contains(answer.status), "\(operation.id) \(body): \(answer)")
                }
            }
        }
    }

    /// The same where all that the path names does exist.
    @Test(arguments: ["[]", "[{}]", "null", "1"]) func bulkBodiesThatAreNoObjectMakeNothing(_ body: String) async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let page = scenario.pages[0]
            let text = try await scenario.text("a", on: page)
            let paths = [
                "/api/v1/element/\(page)/children/bulk/", "/api/v1/element/\(page)/transcription/",
                "/api/v1/element/\(page)/transcriptions/bulk/", "/api/v1/transcription/bulk/", "/api/v1/element/\(page)/metadata/bulk/",
                "/api/v1/classification/bulk/", "/api/v1/transcription/\(text)/entities/bulk/", "/api/v1/elements/create/",
            ]
            for path in paths {
                let answer = try await tester.send(.post, path, body)
                #expect(answer.status == 400, "\(path): \(answer)")
            }
            #expect(try await tester.send(.patch, "/api/v1/element/\(page)/", body).status == 400)
        }
    }

    @Test func bodiesHaveALimit() async throws {
        try await Tester.with { tester in
            let large = #"{"name": ""# + String(repeating: "a", count: 1 << 20) + "\"}"
            let answer = try await tester.send(.post, "/api/v1/corpus/", large)
            #expect(answer.status == 413, "\(answer)")
            #expect(answer.codes == ["too_large"])
            let unwanted = try await tester.send(.get, "/api/v1/corpus/", String(repeating: "a", count: 1 << 17))
            #expect(unwanted.status == 413, "\(unwanted)")
        }
    }

    @Test func parametersAreCheckedLikeBodies() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let list = "/api/v1/corpus/\(scenario.corpus)/elements/"
            let wrong = [
                "?type=page&type=word", "?worker_run=x", "?worker_run=", "?folder=perhaps", "?order=size", "?page=0",
                "?page=-1", "?page=x", "?page=99999999999999999999", "?page_size=0", "?name=%00", "?top_level=",
            ]
            for query in wrong {
                let answer = try await tester.get(list + query)
                #expect(answer.status == 400, "\(query): \(answer)")
                #expect(answer.json["type"] == "validation_error" && !answer.codes.isEmpty)
            }
            #expect(try await tester.get(list + "?page=2").status == 404)
            // Unknown parameters are let through: older and newer clients send more.
            #expect(try await tester.get(list + "?unheard_of=1&page_size=1000").expect()["count"] == 2)
        }
    }

    /// Rule 2.7: a filter by something unknown tells nothing of whether it exists.
    @Test(arguments: ["worker_run", "worker_version", "transcription_worker_run", "transcription_worker_version"])
    func filtersByWhatIsUnknownFindNothing(_ filter: String) async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            for list in ["/api/v1/corpus/\(scenario.corpus)/elements/", "/api/v1/elements/\(scenario.folder)/children/"] {
                let answer = try await tester.get("\(list)?\(filter)=0198c0de-0000-7000-8000-000000000000")
                #expect(try answer.expect()["count"] == 0)
                #expect(answer.ids == [])
                #expect(try await tester.get("\(list)?\(filter)=page").status == 400)
            }
        }
    }
}
