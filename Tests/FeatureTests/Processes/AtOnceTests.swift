import Shapes
import Tenancy
import Testing

@testable import Server

/// What several callers do to one process at the same time. Each is tried again and again, since nothing says who comes first.
@Suite struct AtOnceTests {
    /// One of the two is refused: a process at work in a deleted project could be stopped by nobody.
    @Test func aProjectIsDeletedOrItsProcessStarts() async throws {
        try await Tester.with { tester in
            for _ in 0..<12 {
                let corpus = try await tester.post("/api/v1/corpus/", ["name": "Register"]).created()
                _ = try await tester.element(corpus, "page", "1")
                let worker = try await tester.post("/api/v1/workers/", ["name": "W", "slug": .string(corpus), "type": "reader"]).created()
                let version = try await tester.post(
                    "/api/v1/workers/\(worker)/versions/", ["docker_image_iid": "a", "state": "available"]
                ).created()
                let process = try await tester.post("/api/v1/process/corpus/", ["corpus": .string(corpus)]).created()
                _ = try await tester.post("/api/v1/process/\(process)/workers/", ["worker_version_id": .string(version)]).created()
                let answers = try await tester.atOnce(2) { number in
                    number == 0
                        ? try await tester.post("/api/v1/process/\(process)/start/", [:])
                        : try await tester.delete("/api/v1/corpus/\(corpus)/")
                }
                #expect([[201, 409], [404, 202]].contains(answers.map(\.status)), "\(answers)")
            }
        }
    }

    /// Rule 5.8: what a task has started when it ends is an error, also what it was being given at that moment.
    @Test func nothingStaysStartedWhenATaskEnds() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 8)
            for _ in 0..<12 {
                let (process, run) = try await scenario.process()
                let task = try #require(try await scenario.start(process, run).first)
                let answers = try await tester.atOnce(6) { number in
                    number == 3 ? try await scenario.end(task) : try await scenario.next(task)
                }
                #expect(answers[3].status == 204 && answers.allSatisfy { [200, 204, 401, 404].contains($0.status) }, "\(answers)")
                let activities = try await scenario.activities(of: process)
                let given = answers.count { $0.status == 200 }
                #expect(activities == ["queued": 8 - given, "error": given].filter { $0.value > 0 }, "\(answers)")
            }
        }
    }

    /// A change of one part of a run does not undo another's of another part.
    @Test func changesOfOneRunAddUp() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            for _ in 0..<12 {
                let process = try await scenario.emptyProcess()
                let parent = try await scenario.addRun(to: process).created()
                let other = try await scenario.otherVersion("w\(process.prefix(13))")
                let run = try await scenario.addRun(to: process, ["worker_version_id": .string(other.version)]).created()
                let own = try await tester.configuration(of: other.worker, "Own", ["title": "b"])
                let path = "/api/v1/process/workers/\(run)/"
                let answers = try await tester.atOnce(2) { number in
                    try await tester.patch(path, number == 0 ? ["configuration_id": .string(own)] : ["parents": [.string(parent)]])
                }
                #expect(answers.allSatisfy { $0.status == 200 }, "\(answers)")
                let changed = try await tester.get(path).expect()
                #expect(changed["configuration"]?["id"] == .string(own) && changed["parents"] == [.string(parent)])
            }
        }
    }
}
