import Postgres
import Shapes
import Testing

@testable import Server

/// Tenants as operators make them.
@Suite struct TenantCommandTests {
    private static let second = NewTenant(
        slug: "second", host: "second.example.org", administrator: .init(email: "admin@example.org", password: "another long password"))

    @Test func theSecondTenantNeedsTheHostOfTheFirst() async throws {
        try await Tester.with(.enterprise) { tester in
            try await tester.database.connected(to: tester.database.owner) { lease in
                await #expect(throws: Refusal.self) { try await CreateTenant.make(Self.second, lease) }
                await #expect(throws: Refusal.self) { try await SetTenantHost.change("nobody", to: "localhost", lease) }
                try await SetTenantHost.change("main", to: "localhost", lease)
                #expect(try await CreateTenant.make(Self.second, lease) == nil)
                await #expect(throws: Refusal.self) { try await CreateTenant.make(Self.second, lease) }
                await #expect(throws: Refusal.self) { try await SetTenantHost.change("second", to: "localhost", lease) }
            }
            // The same address is another person in each.
            #expect(try await tester.signIn().status == 200)
            #expect(try await tester.signIn(TestDatabase.administrator.email, "another long password").status == 400)
            #expect(try await tester.value("SELECT count(*) FROM audit_event WHERE kind = 'tenant_created'") == "1")
        }
    }

    @Test func theCommunityEditionHasOne() async throws {
        try await Tester.with { tester in
            try await tester.database.connected(to: tester.database.owner) { lease in
                _ = await #expect(throws: Refusal.self) { try await CreateTenant.make(Self.second, lease) }
            }
            #expect(try await tester.value("SELECT count(*) FROM tenant") == "1")
        }
    }

    @Test(arguments: ["http://a.example", "a:80", "", "-a", "a b"]) func whatIsNoHostNameIsRefused(_ text: String) {
        #expect(throws: (any Error).self) { try HostName(text) }
    }
}
