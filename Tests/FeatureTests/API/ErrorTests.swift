import HTTPTypes
import Shapes
import Tenancy
import Testing

@testable import Server

/// What a client reads when it sends something that cannot be.
@Suite struct ErrorTests {
    @Test func refusalsHaveTheStructuredForm() async throws {
        try await Tester.with { tester in
            let refused = [
                try await tester.post("/api/v1/corpus/", [:]), try await tester.post("/api/v1/corpus/", ["name": "Mine"], as: .nobody),
                try await tester.get("/api/v1/corpus/\(ID<Corpus>().text)/"), try await tester.delete("/api/v1/corpus/"),
                try await tester.get("/api/v1/nowhere/"), try await tester.send(.post, "/api/v1/corpus/", "{"),
            ]
            #expect(refused.map(\.status) == [400, 401, 404, 405, 404, 400])
            for answer in refused {
                #expect(answer.json["type"] == (answer.status == 400 ? "validation_error" : "client_error"), "\(answer)")
                let errors = try #require(answer.json["errors"]).list
                #expect(!errors.isEmpty, "\(answer)")
                for error in errors {
                    let attr = try #require(error["attr"])
                    #expect(attr == .null || !attr.list.isEmpty, "\(answer)")
                    #expect(error["code"]?.string?.isEmpty == false && error["detail"]?.string?.isEmpty == false)
                }
            }
        }
    }
}
