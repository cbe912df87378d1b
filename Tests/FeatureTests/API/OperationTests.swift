import HTTPTypes
import Hummingbird
import Postgres
import Shapes
import Tenancy
import Testing
import Web

@testable import Server

/// Rules that every operation keeps, whatever it does; an operation that is added is held against them by being in the table.
@Suite struct OperationTests {
    @Test func theTableIsSound() {
        let pool = Pool(Configuration(connectionString: ""), logger: TestDatabase.logger)
        #expect(API(Compose.operations, conflicts: Compose.conflicts, tenancy: Tenancy(pool: pool)).faults() == [])
        #expect(Compose.operations.count > 50)
    }

    /// An input whose recording failed would be taken unchecked, and described to nobody.
    @Test func everyShapeIsKnown() {
        // What these hold depends on the worker, or on the kind of metadata.
        let free = ["configuration", "default_configuration", "fields", "value", "dates", "detail"]
        for operation in Compose.operations {
            let places = operation.input.unknown() + (operation.output?.unknown() ?? [])
            let unexpected = places.filter { place in !free.contains { place.split(separator: ".").contains(Substring($0)) } }
            #expect(unexpected == [], "\(operation.id)")
        }
    }

    @Test func withoutCredentialsOnlyTheOpenOnesAnswer() async throws {
        try await Tester.with { tester in
            for operation in Compose.operations where !["Login", "RetrieveEdition", "ListCorpus"].contains(operation.id) {
                let answer = try await tester.call(operation, operation.example, as: .nobody)
                #expect(answer.status == 401, "\(operation.id): \(answer)")
                #expect(answer.headers[.wwwAuthenticate] != nil, "\(operation.id)")
            }
        }
    }

    @Test func credentialsThatNobodyHasAreRefusedEvenWhereNoneAreNeeded() async throws {
        try await Tester.with { tester in
            let unknown = Secret(in: tester.tenant).text
            // Login does not look at credentials: a session that has run out must not keep anybody from signing in.
            for operation in Compose.operations where operation.id != "Login" {
                for caller in [Tester.Caller.token(unknown), .task(unknown)] {
                    let answer = try await tester.call(operation, operation.example, as: caller)
                    #expect(answer.status == 401, "\(operation.id): \(answer)")
                }
            }
        }
    }

    @Test func whatDoesNotExistIsNotFound() async throws {
        try await Tester.with { tester in
            for operation in Compose.operations where operation.takesID {
                let answer = try await tester.call(operation, operation.example)
                #expect(answer.status == 404, "\(operation.id): \(answer)")
            }
        }
    }

    @Test func whatIsNoIDIsInvalid() async throws {
        try await Tester.with { tester in
            for operation in Compose.operations {
                for property in operation.input.properties where property.shape.unwrapped == .uuid {
                    let input = operation.example.adding([property.name: "not-an-id"])
                    let answer = try await tester.call(operation, input)
                    #expect(answer.status == 400, "\(operation.id): \(answer)")
                    #expect(answer.places.contains(property.name), "\(operation.id): \(answer)")
                }
            }
        }
    }

    @Test func otherMethodsAreRefusedWithThoseThereAre() async throws {
        try await Tester.with { tester in
            let paths = Dictionary(grouping: Compose.operations) { $0.path(with: $0.example).count > 0 ? $0.path.shape : "" }
            for operations in paths.values {
                let allowed = Set(operations.map(\.method))
                guard let first = operations.first else { continue }
                for method in [HTTPRequest.Method.get, .post, .put, .patch, .delete] where !allowed.contains(method) {
                    let answer = try await tester.send(method, first.path(with: first.example), "{}")
                    #expect(answer.status == 405, "\(method) \(first.path): \(answer)")
                    let named = answer.headers[.allow]?.split(separator: ",").map { $0.filter { $0 != " " } } ?? []
                    #expect(Set(named) == Set(allowed.map(\.rawValue)), "\(method) \(first.path)")
                }
            }
        }
    }
}

extension Template {
    /// The path with all names alike.
    fileprivate var shape: String {
        description.split(separator: "/").map { $0.hasPrefix("{") ? "{}" : String($0) }.joined(separator: "/")
    }
}
