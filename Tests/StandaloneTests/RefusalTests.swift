import FoundationEssentials
import Glibc
import Logging
import Standalone
import Testing

extension ClusterTests {
    @Suite struct Refusals {
        @Test func `a wrong password is refused`() async throws {
            try await Playground.run { playground in
                let endpoint = try await playground.cluster.start()
                let answer = try await ask("\(endpoint.owner) password='wrong'", "select 1")
                #expect(answer.errors.contains("password authentication failed"))
                let none = try await ask("host='\(endpoint.socketDirectory)' user=palimpsest_owner dbname=palimpsest", "select 1")
                #expect(none.errors.contains("no password supplied"))
            }
        }

        @Test(.enabled(if: geteuid() == 0, "needs a second account"))
        func `another account cannot reach the socket`() async throws {
            try await Playground.run { playground in
                let endpoint = try await playground.cluster.start()
                let answer = try await ask(endpoint.owner, "select 1", as: 65_534)
                #expect(answer.errors.contains("Permission denied"))
            }
        }

        @Test func `an endpoint's description holds no password`() async throws {
            try await Playground.run { playground in
                let endpoint = try await playground.cluster.start()
                var dumped = ""
                dump(endpoint, to: &dumped)
                for text in ["\(endpoint)", String(reflecting: endpoint), dumped] { #expect(!text.contains(endpoint.appPassword)) }
            }
        }

        @Test func `one server at a time`() async throws {
            try await Playground.run { playground in
                try await playground.cluster.lockForServing().hold {
                    let refusal = #expect(throws: ClusterFailure.self) { _ = try playground.cluster.lockForServing() }
                    #expect(refusal?.reason == .alreadyServing(directory: playground.directory, process: "\(getpid())"))
                }
                try await playground.cluster.lockForServing().hold {}
            }
        }

        @Test func `nothing to find where nothing runs`() async throws {
            try await Playground.run { playground in
                let refusal = await #expect(throws: ClusterFailure.self) { try await playground.cluster.locate() }
                #expect(refusal?.reason == .notRunning(directory: playground.directory))
                #expect(!FileManager.default.fileExists(atPath: playground.directory))
            }
        }

        @Test func `programs that are not there`() async throws {
            try await Playground.run { playground in
                let cluster = Cluster(dataDirectory: playground.directory, logger: Logger(label: "none"), binaries: "/nonexistent")
                let refusal = await #expect(throws: ClusterFailure.self) { try await cluster.start() }
                #expect(refusal?.reason == .binariesNotFound(searched: ["/nonexistent"]))
                #expect(refusal?.description.contains("package 'postgresql'") == true)
            }
        }

        @Test func `a cluster of another major version`() async throws {
            try await Playground.run { playground in
                _ = try await playground.cluster.start()
                try await playground.cluster.stop()
                try playground.write("9\n", to: "postgres/PG_VERSION")
                let refusal = await #expect(throws: ClusterFailure.self) { try await playground.cluster.start() }
                guard case .wrongVersion(playground.directory, "9", let found)? = refusal?.reason else {
                    Issue.record("not told of the version: \(String(describing: refusal))")
                    return
                }
                #expect(!found.isEmpty)
            }
        }

        @Test func `a cluster whose password is lost`() async throws {
            try await Playground.run { playground in
                _ = try await playground.cluster.start()
                let path = playground.directory + "/secrets/owner.password"
                try FileManager.default.removeItem(atPath: path)
                let refusal = await #expect(throws: ClusterFailure.self) { try await playground.cluster.start() }
                #expect(refusal?.reason == .secretMissing(path: path))
            }
        }

        @Test(.enabled(if: geteuid() == 0, "needs a second account"))
        func `a directory that PostgreSQL's account may not enter is named`() async throws {
            let closed = "/tmp/palimpsest-closed-\(UUID().uuidString)"
            try FileManager.default.createDirectory(
                atPath: closed, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
            try await Playground.run(at: closed + "/data") { playground in
                let refusal = await #expect(throws: ClusterFailure.self) { try await playground.cluster.start() }
                #expect(refusal?.reason == .notTraversable(directory: closed, account: "postgres"))
                #expect(!FileManager.default.fileExists(atPath: playground.directory))
            }
            try FileManager.default.removeItem(atPath: closed)
        }

        @Test(.enabled(if: geteuid() == 0, "needs a second account"))
        func `a directory of somebody else's`() async throws {
            try await Playground.run { playground in
                try FileManager.default.createDirectory(
                    atPath: playground.directory, withIntermediateDirectories: false, attributes: [.ownerAccountID: 1])
                let refusal = await #expect(throws: ClusterFailure.self) { try await playground.cluster.start() }
                #expect(refusal?.reason == .belongsToAnother(path: playground.directory, owner: "daemon"))
            }
        }
    }
}
