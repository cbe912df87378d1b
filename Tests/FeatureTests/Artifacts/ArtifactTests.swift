import HTTPTypes
import Postgres
import Shapes
import Testing

@testable import Server

/// What tasks leave: contract 4.1, rule 1.3.
@Suite struct ArtifactTests {
    @Test func aTaskLeavesFilesThatOthersRead() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            let list = "/api/v1/task/\(task.task)/artifacts/"
            let made = try await scenario.announce("logs/training log.txt", 5, by: task).expect(201)
            #expect(made["path"] == "logs/training log.txt" && made["size"] == 5 && made["content_type"] == "text/plain")
            // What has not come is not listed: whoever reads the list fetches all of it.
            #expect(try await tester.get(list).json == [])
            #expect(try await tester.follow(.put, made["s3_put_url"]?.string, Array("abc".utf8)).codes == ["size_mismatch"])
            #expect(try await tester.follow(.put, made["s3_put_url"]?.string, Array("hello".utf8)).status == 200)
            let listed = try await tester.get(list, as: task.caller).expect()
            #expect(listed[0]?["path"] == "logs/training log.txt" && listed[0]?["s3_put_url"] == .null && listed.list.count == 1)
            let found = try await tester.get("/api/v1/task/\(task.task)/artifact/logs%2Ftraining%20log.txt")
            #expect(found.status == 302, "\(found)")
            let got = try await tester.follow(.get, found.headers[.location])
            // Never as text: the worker library would not make a file of it.
            #expect(got.text == "hello" && got.headers[.contentType] == "application/octet-stream", "\(got)")
            #expect(try await tester.get("/api/v1/task/\(task.task)/artifact/other").status == 404)
            // Announced again, it is replaced.
            let again = try await scenario.announce("logs/training log.txt", 3, by: task).expect(201)
            #expect(again["id"] == made["id"])
            #expect(try await tester.follow(.put, again["s3_put_url"]?.string, Array("new".utf8)).status == 200)
            #expect(try await tester.get(list).expect()[0]?["size"] == 3)
        }
    }

    @Test(arguments: ["../a", "a/../b", "/etc/passwd", "a//b", "a/", ".", "..", "a\\b", "a\nb", "", String(repeating: "a", count: 501)])
    func pathsLeadNowhereElse(_ path: String) async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            let refused = try await scenario.announce(path, 1, by: task)
            #expect(refused.status == 400 && refused.places == ["path"], "\(refused)")
        }
    }

    @Test func onlyTheTaskItselfLeavesFiles() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester)
            let (process, run) = try await scenario.process()
            let tasks = try await scenario.start(process, run, chunks: 2)
            let body: JSONValue = ["path": "a", "content_type": "text/plain", "size": 1]
            for caller in [Tester.Caller.administrator, tasks[1].caller] {
                let refused = try await tester.post("/api/v1/task/\(tasks[0].task)/artifacts/", body, as: caller)
                #expect(refused.status == 403, "\(refused)")
            }
            // What comes after it reads them.
            let made = try await scenario.announce("a", 1, by: tasks[0]).expect(201)
            #expect(try await tester.follow(.put, made["s3_put_url"]?.string, Array("a".utf8)).status == 200)
            #expect(try await tester.get("/api/v1/task/\(tasks[0].task)/artifacts/", as: tasks[1].caller).ids == [made["id"]?.string])
            let found = try await tester.get("/api/v1/task/\(tasks[0].task)/artifact/a", as: tasks[1].caller)
            #expect(try await tester.follow(.get, found.headers[.location]).text == "a")
        }
    }

    /// Rule 1.3: a minute after its end it may still leave its files, and do nothing else.
    @Test func aTaskThatHasEndedKeepsItsFilesForAMinute() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            let path = "/api/v1/task/\(task.task)/"
            _ = try await tester.patch(path, ["state": "completed", "exit_code": 0], as: task.caller)
            let made = try await scenario.announce("a", 1, by: task).expect(201)
            #expect(try await tester.follow(.put, made["s3_put_url"]?.string, Array("a".utf8)).status == 200)
            #expect(try await tester.get("\(path)artifacts/", as: task.caller).ids.count == 1)
            for refused in [
                try await tester.get("/api/v1/process/workers/\(task.run)/", as: task.caller),
                try await tester.get("/api/v1/corpus/\(scenario.corpus)/", as: task.caller),
                try await tester.get("/api/v1/corpus/", as: task.caller),
            ] { #expect(refused.status == 401, "\(refused)") }
            try await tester.asOwner("UPDATE task SET finished = now() - interval '61 seconds'")
            #expect(try await scenario.announce("b", 1, by: task).status == 401)
            #expect(try await tester.get("\(path)artifacts/", as: task.caller).status == 401)
        }
    }

    /// What a deleted process has left is let go with it.
    @Test func filesGoWithTheirProcess() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            let made = try await scenario.announce("a", 1, by: task).expect(201)
            #expect(try await tester.follow(.put, made["s3_put_url"]?.string, Array("a".utf8)).status == 200)
            try await tester.asOwner("DELETE FROM task WHERE id = $1", [.text(task.task)])
            #expect(try await tester.value("SELECT count(*) FROM artifact") == "0")
            #expect(try await tester.value("SELECT released IS NOT NULL FROM stored_file") == "t")
        }
    }
}

extension Scenario {
    func announce(_ path: String, _ size: Int, by task: Claimed) async throws -> Answer {
        let body: JSONValue = ["path": .string(path), "content_type": "text/plain", "size": .integer(size)]
        return try await tester.post("/api/v1/task/\(task.task)/artifacts/", body, as: task.caller)
    }
}
