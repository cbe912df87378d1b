import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Testing
import Web

@testable import Server

/// What a deletion would take and leave is told exactly, and a token is good for just that.
@Suite struct PreviewTests {
    /// Rules 7.2 and 7.5: exact numbers, and which are whose.
    @Test func thePreviewCountsWhatGoesAndWhatStays() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let work = try await MixedWork(scenario)
            let kept = try await tester.previewed(scenario.corpus, ["worker_run_id": .string(work.run)])
            #expect(
                kept.json["results"] == [
                    "elements": 2, "transcriptions": 2, "classifications": 1, "metadata": 1, "transcription_entities": 1, "embeddings": 0,
                ])
            #expect(
                kept.json["manual"] == [
                    "elements": 1, "transcriptions": 2, "classifications": 0, "metadata": 0, "transcription_entities": 1, "embeddings": 0,
                ])
            let others = kept.json["other_runs"]?.list ?? []
            #expect(others.count == 1 && others.first?["worker_run"]?["id"] == .string(work.other))
            // Below a line, on a line, and on a transcription of the run; what is on the kept line stays.
            #expect(
                others.first?["results"] == [
                    "elements": 1, "transcriptions": 1, "classifications": 0, "metadata": 0, "transcription_entities": 1, "embeddings": 0,
                ])
            let all = try await tester.previewed(scenario.corpus, ["worker_run_id": .string(work.run), "keep_manual": false])
            #expect(all.json["results"] == kept.json["results"] && all.json["manual"] == kept.json["manual"])
            #expect(
                all.json["other_runs"]?[0]?["results"] == [
                    "elements": 1, "transcriptions": 2, "classifications": 0, "metadata": 0, "transcription_entities": 1, "embeddings": 0,
                ])
        }
    }

    @Test func aTokenIsForWhatThePreviewShowed() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            let lines = try await scenario.lines(2, below: scenario.pages[0], by: task)
            let other = try await scenario.claimed()
            for _ in 0..<4 { _ = try await scenario.text("of the other", on: lines[0], by: other) }
            try await scenario.complete(task)
            let filter: JSONValue = ["worker_run_id": .string(task.run)]
            let path = "/api/v1/corpus/\(scenario.corpus)/worker-results/?worker_run_id=\(task.run)&token="
            let first = try await tester.previewed(scenario.corpus, filter)
            #expect(try await tester.delete(path + first.token + "&keep_manual=false").codes == ["other_scope"])
            // Another of four is more than one in a hundred.
            _ = try await scenario.text("of the other", on: lines[0], by: other)
            let outdated = try await tester.delete(path + first.token)
            #expect(outdated.status == 409 && outdated.codes == ["preview_outdated"], "\(outdated)")
            #expect(outdated.json["preview"]?["other_runs"]?[0]?["results"]?["transcriptions"] == 5)
            // So is anything by hand.
            let second = try await tester.previewed(scenario.corpus, filter)
            _ = try await scenario.text("by hand", on: lines[1])
            #expect(try await tester.delete(path + second.token).codes == ["preview_outdated"])
            let third = try await tester.previewed(scenario.corpus, filter)
            try await tester.asOwner("UPDATE deletion_preview SET expires = now() - interval '1 second'")
            #expect(try await tester.delete(path + third.token).codes == ["preview_expired"])
            let last = try await tester.previewed(scenario.corpus, filter)
            #expect(try await tester.delete(path + last.token).status == 202)
        }
    }

    @Test func growthUnderOneInAHundredIsForgiven() async throws {
        try await Tester.with { tester in
            func verdict(_ before: Int, _ after: Int) async throws -> String? {
                func numbers(_ n: Int) -> JSONValue {
                    [
                        "results": ["elements": 1], "manual": ["elements": 0],
                        "other_runs": [["worker_run": ["id": "a"], "results": ["elements": .integer(n)]]],
                    ]
                }
                return try await tester.value(
                    "SELECT preview_holds($1::jsonb, $2::jsonb)::text", [.text(numbers(before).text), .text(numbers(after).text)])
            }
            for (before, after, expected) in [
                (200, 200, "true"), (200, 201, "true"), (200, 202, "false"), (200, 199, "false"), (10, 11, "false"), (1000, 1009, "true"),
                (1000, 1010, "false"), (0, 1, "false"),
            ] {
                let found = try await verdict(before, after)
                #expect(found == expected, "\(before), \(after)")
            }
        }
    }
}
