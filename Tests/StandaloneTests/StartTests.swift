import FoundationEssentials
import Glibc
import Standalone
import Testing

extension ClusterTests {
    @Suite struct Starts {
        @Test func `the first start makes a database, and secrets that only we can read`() async throws {
            try await Playground.run { playground in
                let endpoint = try await playground.cluster.start()
                #expect(try await ask(endpoint.owner, "select current_database(), current_user").text == "palimpsest|palimpsest_owner")
                #expect(try await ask(endpoint.ownerMaintenance, "show jit").text == "off")
                #expect(try playground.mode(of: "secrets") == 0o700)
                #expect(try playground.mode(of: "secrets/owner.password") == 0o600)
                #expect(try playground.mode(of: "secrets/app.password") == 0o600)
            }
        }

        @Test func `the runtime role comes in with the password that the migration gives it`() async throws {
            try await Playground.run { playground in
                let endpoint = try await playground.cluster.start()
                let role = "create role palimpsest_app login password '\(endpoint.appPassword)'"
                #expect(try await ask(endpoint.owner, role).errors == "")
                #expect(try await ask(endpoint.app, "select current_user").text == "palimpsest_app")
            }
        }

        @Test func `a second start finds the cluster that runs`() async throws {
            try await Playground.run { playground in
                let first = try await playground.cluster.start()
                let process = try playground.postmaster()
                let second = try await playground.cluster.start()
                #expect(first.owner == second.owner)
                #expect(try playground.postmaster() == process)
                #expect(try await playground.cluster.locate().owner == first.owner)
            }
        }

        @Test func `processes that start at once share a cluster`() async throws {
            try await Playground.run { playground in
                async let one = playground.cluster.start()
                async let other = playground.cluster.start()
                let (first, second) = try await (one, other)
                #expect(first.owner == second.owner)
            }
        }

        @Test func `data outlives a stop`() async throws {
            try await Playground.run { playground in
                let before = try await playground.cluster.start()
                #expect(try await ask(before.owner, "create table leaf (number int); insert into leaf values (1)").errors == "")
                try await playground.cluster.stop()
                #expect(await playground.cluster.isRunning() == false)
                let after = try await playground.cluster.start()
                #expect(await playground.cluster.isRunning())
                #expect(try await ask(after.owner, "select number from leaf").text == "1")
            }
        }

        @Test func `a directory whose name is too long for a socket, and awkward, will do`() async throws {
            let above = "/tmp/palimpsest 'standalone' $HOME \"`x`\\ \(UUID().uuidString)"
            try await Playground.run(at: above + "/" + String(repeating: "long", count: 30)) { playground in
                let endpoint = try await playground.cluster.start()
                #expect(endpoint.socketDirectory.utf8.count < 60)
                #expect(try await ask(endpoint.owner, "select 1").text == "1")
                #expect(try await playground.cluster.locate().socketDirectory == endpoint.socketDirectory)
                try await playground.cluster.stop()
                try FileManager.default.removeItem(atPath: endpoint.socketDirectory)
            }
            try FileManager.default.removeItem(atPath: above)
        }
    }
}
