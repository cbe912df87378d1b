import FoundationEssentials
import Glibc
import Standalone
import Testing

extension ClusterTests {
    @Suite struct Recovery {
        @Test func `a PostgreSQL that was killed is started again, with its data`() async throws {
            try await Playground.run(durable: true) { playground in
                let before = try await playground.cluster.start()
                #expect(try await ask(before.owner, "create table leaf (number int)").errors == "")
                let process = try #require(try playground.postmaster())
                kill(process, SIGKILL)
                // The kernel carries that out in its own time.
                while await playground.cluster.isRunning() { await Task.yield() }
                let after = try await playground.cluster.start()
                #expect(try playground.postmaster() != process)
                #expect(try await ask(after.owner, "select count(*) from leaf").text == "0")
            }
        }

        @Test func `what a first start left that was killed is cleared away`() async throws {
            try await Playground.run { playground in
                let half = playground.directory + "/postgres.new.half"
                try FileManager.default.createDirectory(atPath: half, withIntermediateDirectories: true)
                try playground.write("15\n", to: "postgres.new.half/PG_VERSION")
                let endpoint = try await playground.cluster.start()
                #expect(try await ask(endpoint.owner, "select 1").text == "1")
                #expect(!FileManager.default.fileExists(atPath: half))
            }
        }

        @Test func `a process file from before a reboot is no running cluster`() async throws {
            try await Playground.run { playground in
                _ = try await playground.cluster.start()
                let file = try String(contentsOfFile: playground.directory + "/postgres/postmaster.pid", encoding: .utf8)
                try await playground.cluster.stop()
                // Our own process id stands for one that has been given to another program.
                let stale = "\(getpid())\n" + file.split(separator: "\n").dropFirst().joined(separator: "\n") + "\n"
                try playground.write(stale, to: "postgres/postmaster.pid")
                #expect(await playground.cluster.isRunning() == false)
                await #expect(throws: ClusterFailure.self) { try await playground.cluster.locate() }
                _ = try await playground.cluster.start()
                #expect(try playground.postmaster() != getpid())
            }
        }
    }
}
