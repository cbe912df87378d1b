import Postgres
import Shapes
import Tenancy
import Testing

/// A connection that goes between a commit and its answer: what was kept is answered as if nothing had happened, and what was not is refused.
@Suite struct MarkTests {
    private let body: JSONValue = [
        "transcriptions": [["polygon": [[0, 0], [0, 9], [9, 9]], "text": "a", "confidence": 1]], "element_type": "text_line",
    ]

    @Test func whatWasKeptIsAnsweredThoughTheConnectionWentAfterTheCommit() async throws {
        try await Tester.with { tester in
            let tester = try await tester.struck(repeats: false)
            let page = try await Scenario(tester).pages[0]
            tester.strikes?.meet(.afterCommit)
            let made = try await tester.post("/api/v1/element/\(page)/transcriptions/bulk/", body).expect(201).list
            #expect(made.count == 1)
            #expect(
                try await tester.get("/api/v1/element/\(page)/transcriptions/?recursive=true").ids == made.compactMap { $0["id"]?.string })
        }
    }

    @Test func whatWasNotKeptIsRefusedAndMayBeSentAgain() async throws {
        try await Tester.with { tester in
            let tester = try await tester.struck(repeats: false)
            let page = try await Scenario(tester).pages[0]
            let path = "/api/v1/element/\(page)/transcriptions/bulk/"
            tester.strikes?.meet(.beforeCommit)
            let refused = try await tester.post(path, body)
            #expect(refused.status == 503 && refused.codes == ["unavailable"], "\(refused)")
            _ = try await tester.post(path, body).expect(201)
            #expect(try await tester.get("/api/v1/element/\(page)/transcriptions/?recursive=true").ids.count == 1)
        }
    }

    @Test func onlyWhatRequestsWroteLeavesAMark() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester)
            let before = try await tester.marks
            #expect(before > 0)
            _ = try await tester.get("/api/v1/element/\(scenario.pages[0])/").expect()
            _ = try await tester.post("/api/v1/element/\(scenario.pages[0])/transcriptions/bulk/", ["transcriptions": []])
            try await tester.tenancy.scope(for: .system(in: tester.tenant), Access(.signedIn, writes: true)) { scope in
                _ = try await scope.run([Call("UPDATE corpus SET description = 'by the server itself'")])
            }
            #expect(try await tester.marks == before)
            _ = try await tester.patch("/api/v1/element/\(scenario.pages[0])/", ["name": "1r"]).expect()
            #expect(try await tester.marks == before + 1)
        }
    }

    @Test(arguments: [("COMMIT", "t"), ("ROLLBACK", "f")])
    func whoeverTakesAMarkWaitsForTheSegmentThatMayLeaveIt(end: String, kept: String) async throws {
        try await Tester.with { tester in
            let (mark, database) = (ID<Tenant>(), tester.database)
            let leave = Call("INSERT INTO segment_mark (tenant_id, id) VALUES ($1, $2)", [tester.tenant.parameter, mark.parameter])
            try await database.connected(to: database.application) { segment in
                _ = try await segment.run(Call("BEGIN"))
                _ = try await segment.segment([.enter(tester.tenant, scheme: "anonymous"), leave])
                async let taken = database.connected(to: database.application) { other in
                    let take = Call("SELECT take_mark($1)", [mark.parameter])
                    return try await other.segment([.enter(tester.tenant, scheme: "anonymous"), take])[1].text(0, 0)
                }
                try await tester.until(waitingFor: "transactionid")
                _ = try await segment.run(Call(end))
                #expect(try await taken == kept)
                // Asked again, as when the answer was lost, it says the same.
                let take = Call("SELECT take_mark($1)", [mark.parameter])
                #expect(try await segment.segment([.enter(tester.tenant, scheme: "anonymous"), take])[1].text(0, 0) == kept)
                // Taken or left, nobody leaves it again: a segment that comes late is not kept.
                await #expect(throws: PostgresFailure.self) {
                    try await segment.segment([.enter(tester.tenant, scheme: "anonymous"), leave])
                }
            }
        }
    }

    @Test func oldMarksAreForgotten() async throws {
        try await Tester.with { tester in
            let all = try await tester.marks
            try await tester.database.connected(to: tester.database.owner) { lease in
                try await lease.script(
                    "UPDATE segment_mark SET made = now() - interval '11 minutes' WHERE id = (SELECT id FROM segment_mark LIMIT 1)")
            }
            try await tester.tenancy.forgetMarks()
            #expect(try await tester.marks == all - 1)
        }
    }
}

extension Tester {
    fileprivate var marks: Int {
        get async throws {
            try await database.connected(to: database.owner) { lease in
                try await lease.run(Call("SELECT count(*) FROM segment_mark")).text(0, 0).flatMap { Int($0) } ?? -1
            }
        }
    }

    /// Returns once a connection of the server waits for this.
    fileprivate func until(waitingFor event: String) async throws {
        let waits = Call(
            "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = $1 AND usename = 'palimpsest_app'",
            [.text(event)])
        try await database.connected(to: database.owner) { lease in
            while try await lease.run(waits).count == 0 {}
        }
    }
}
