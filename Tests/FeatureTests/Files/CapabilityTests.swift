import HTTPTypes
import Postgres
import Shapes
import Storage
import Tenancy
import Testing

@testable import Server

/// Addresses that work without credentials: for what they were given, and nothing else.
@Suite struct CapabilityTests {
    /// RFC 4231, cases 1 to 4: those with keys that fit into a block.
    @Test(arguments: [
        (
            String(repeating: "0b", count: 20), "4869205468657265",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            String(repeating: "aa", count: 20), String(repeating: "dd", count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            "0102030405060708090a0b0c0d0e0f10111213141516171819", String(repeating: "cd", count: 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
    ])
    func theDatabaseKnowsHMAC(key: String, message: String, expected: String) async throws {
        let mac = try await TestDatabase.with { database in
            try await database.connected(to: database.application) { lease in
                try await lease.run(
                    Call(
                        "SELECT encode(hmac_sha256(decode($1, 'hex'), decode($2, 'hex')), 'hex')", [.text(key), .text(message)])
                ).text(0, 0)
            }
        }
        #expect(mac == expected)
    }

    @Test func onlyTheAddressAsItWasGivenOutWorks() async throws {
        try await Tester.with(.enterprise, transfers: Exercise.transfers) { tester in
            let url = try await Address.put("one").url(tester)
            #expect(try await tester.follow(.put, url, [1, 2, 3]).status == 200)
            let other = try await tester.secondTenant()
            let foreign = try await Address.put("one").url(tester, as: .system(in: other))
            #expect(try await tester.follow(.put, foreign, [1]).status == 200)
            let (ours, theirs) = (url.capability, foreign.capability)
            let mixed = [theirs.tenant, ours.until, ours.mac].joined(separator: ".")
            let sooner = ours.until == "e0" ? "e1" : "e" + ours.until.dropFirst().map { $0 == "f" ? "e" : "f" }.joined()
            let refused = [
                // Another object, another kind, another verb.
                url.replacing("/one/", with: "/two/"),
                try await Address(path: "/exercise/one/", kind: "suffixed", object: "one").url(tester),
                try await Address(path: "/exercise/one/", verb: "GET", object: "one").url(tester),
                // Of another tenant, and of none.
                url.base + mixed, url.base + [String(repeating: "0", count: 32), ours.until, ours.mac].joined(separator: "."),
                // Altered, shortened, lengthened.
                url.altered(), String(url.dropLast()), url + "0", url.base + [ours.tenant, sooner, ours.mac].joined(separator: "."),
                url.base + [ours.tenant, "t" + ours.tenant + "-1", ours.mac].joined(separator: "."),
                url.base + [ours.tenant, "e-1", ours.mac].joined(separator: "."), url.base + "..", url.base,
                // Its time has come.
                try await {
                    var past = Address.put("one"); past.lasting = "-1 second"; return try await past.url(tester)
                }(),
            ]
            for address in refused {
                let answer = try await tester.follow(.put, address, [1])
                #expect(answer.status == 403 && answer.codes == ["capability_refused"], "\(address): \(answer)")
            }
        }
    }

    /// Who is signed in is asked for the level; a capability needs none beside it.
    @Test func withoutACapabilityCredentialsAreAsked() async throws {
        try await Tester.with(.enterprise, transfers: Exercise.transfers) { tester in
            let reader = Tester.Caller.token(try await tester.token(of: try await tester.person("reader@example.org")))
            #expect(try await tester.send(.put, "/exercise/one/", bytes: [], as: reader).status == 403)
            #expect(try await tester.send(.put, "/exercise/one/", bytes: [], as: .nobody).status == 401)
            // An administrator may, but has not said how much will come.
            #expect(try await tester.send(.put, "/exercise/one/", bytes: []).status == 411)
            // Where no rule is declared, nothing but a capability helps.
            let digest = String(repeating: "0", count: 64)
            #expect(try await tester.get("/exercise/files/\(digest)/").codes == ["capability_missing"])
        }
    }

    @Test func aTasksAddressDiesWithItsAttempt() async throws {
        try await Tester.with(transfers: Exercise.transfers) { tester in
            let task = try await Scenario(tester, pages: 1).claimed()
            let secret = try #require(Secret(task.token))
            let url = try await Address.put("one").url(tester, as: .holding(secret, scheme: .ponos))
            #expect(url.capability.until.hasPrefix("t"))
            #expect(try await tester.follow(.put, url, [1]).status == 200)
            try await tester.asOwner("UPDATE task SET attempt = attempt + 1")
            #expect(try await tester.follow(.put, url, [1]).status == 403)
            try await tester.asOwner("UPDATE task SET attempt = attempt - 1")
            _ = try await tester.patch("/api/v1/task/\(task.task)/", ["state": "completed"], as: task.caller)
            #expect(try await tester.follow(.put, url, [1]).status == 403)
        }
    }

    @Test func keysAreRotated() async throws {
        try await Tester.with(transfers: Exercise.transfers) { tester in
            let first = try await Address.put("one").url(tester)
            try await tester.asOwner("SELECT rotate_capability_key($1, false)", [tester.tenant.parameter])
            let second = try await Address.put("one").url(tester)
            #expect(first.capability.mac != second.capability.mac)
            for url in [first, second] { #expect(try await tester.follow(.put, url, [1]).status == 200) }
            try await tester.asOwner("SELECT rotate_capability_key($1, true)", [tester.tenant.parameter])
            for url in [first, second] { #expect(try await tester.follow(.put, url, [1]).status == 403) }
            #expect(try await tester.follow(.put, try await Address.put("one").url(tester), [1]).status == 200)
            #expect(try await tester.value("SELECT count(*) FROM audit_event WHERE kind = 'capability_key_rotated'") == "2")
        }
    }

    /// The runtime role signs and checks; it reads no key and turns none.
    @Test(arguments: [
        "SELECT key FROM capability_key", "SELECT rotate_capability_key(own_tenant(), true)", "SELECT add_capability_key(own_tenant())",
        "INSERT INTO capability_key (tenant_id, id, key) VALUES (own_tenant(), uuid7(), sha256(''))",
    ])
    func theRuntimeRoleHasNoKey(_ sql: String) async throws {
        try await Tester.with { tester in
            try await tester.database.connected(to: tester.database.application) { lease in
                _ = await #expect(throws: PostgresFailure.self) {
                    try await lease.segment([.enter(tester.tenant, scheme: "system"), Call(sql)])
                }
            }
        }
    }
}

extension String {
    /// Up to the capability.
    fileprivate var base: String { String(prefix(upTo: firstRange(of: "capability=")?.upperBound ?? endIndex)) }

    fileprivate var capability: (tenant: String, until: String, mac: String) {
        let parts = dropFirst(base.count).split(separator: ".").map(String.init)
        return (parts[0], parts[1], parts[2])
    }

    /// With another last digit.
    fileprivate func altered() -> String { String(dropLast()) + (hasSuffix("0") ? "1" : "0") }
}
