import Postgres
import Shapes
import Tenancy
import Testing

@testable import Deletion
@testable import Jobs
@testable import Server

/// The purge: nobody notices it, it takes exactly what was hidden, and it can be cut off anywhere.
@Suite struct PurgeTests {
    /// Nothing that a reader sees changes, whichever batch is the last before a crash; and in the end no row is left of what went.
    @Test(arguments: [(true, 2), (false, 2), (true, 1_000)])
    func nobodyNotices(keepManual: Bool, most: Int) async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let work = try await MixedWork(scenario)
            let total = try #require(Int(try await tester.value(rowsOfResults) ?? ""))
            let made = try await tester.deleted(scenario.corpus, "worker_run_id=\(work.run)&keep_manual=\(keepManual)")
            let gone = keepManual ? work.machine : work.machine.union(work.byHand)
            let hidden = try await work.answers()
            try await tester.asOwner("UPDATE deletion SET undo_until = now()")
            try await tester.asOwner("UPDATE job SET run_at = now()")
            var batches = 0
            while try await tester.purgeOneBatch(made, most: most) {
                batches += 1
                try #require(batches < 200)
                if batches == 1 {
                    let late = try await tester.restored(scenario.corpus, made.deletion)
                    #expect(late.status == 410, "\(late)")
                }
                guard batches.isMultiple(of: 4) else { continue }
                let differing = try await work.answers().differing(from: hidden)
                #expect(differing == [])
            }
            let differing = try await work.answers().differing(from: hidden)
            #expect(differing == [])
            #expect(try await tester.miscounted() == [])
            #expect(try await tester.value(rowsOfResults) == "\(total - gone.count)")
            #expect(try await tester.value("SELECT count(*) FROM hidden_source") == "0")
            #expect(try await tester.value("SELECT count(*) FROM hidden_lineage") == "0")
            #expect(try await tester.value("SELECT count(*) FROM purge_cursor") == "0")
            let deletion = try await tester.get("/api/v1/corpus/\(scenario.corpus)/deletions/").expect()["results"]?[0]
            #expect(deletion?["state"] == "purged" && deletion?["ended"] != .null)
            #expect(try await tester.restored(scenario.corpus, made.deletion).status == 410)
            // The kept line remembers whose it was.
            if keepManual {
                let line = try await tester.get("/api/v1/element/\(work.elements[4])/").expect()
                #expect(line["detached_from"]?["id"] == .string(work.run) && line["worker_run"] == .null)
                #expect(try await tester.value("SELECT count(*) FROM element WHERE source_id <> 0 AND detached_from IS NOT NULL") == "0")
            }
            // Rule 7.9: nothing counts as a result of the run any more.
            #expect(
                try await tester.value(
                    "SELECT bool_or(run_has_results($1))::text FROM (SELECT set_config('app.tenant_id', $2, false)) AS own",
                    [.text(work.run), tester.tenant.parameter]) == "false")
        }
    }

    /// What people had worked on, and then moved out of what was deleted, is detached where it is now; what machines made below it stays.
    @Test(arguments: ["moved", "unlinked", "above moved"]) func whatWasMovedSinceIsDetachedToo(how: String) async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 2)
            let page = scenario.pages[0]
            let first = try await scenario.claimed()
            let line = try await scenario.lines(1, below: page, by: first)[0]
            _ = try await tester.patch("/api/v1/element/\(line)/", ["name": "by hand"]).expect()
            try await scenario.complete(first)
            let made = try await tester.deleted(scenario.corpus, "worker_run_id=\(first.run)&keep_manual=true")
            switch how {
            case "moved": _ = try await tester.post("/api/v1/element/\(line)/move/", ["to": .string(scenario.pages[1])]).expect()
            case "unlinked": #expect(try await tester.delete("/api/v1/element/\(line)/parent/\(page)/").status == 204)
            default: #expect(try await tester.delete("/api/v1/element/\(page)/parent/\(scenario.folder)/").status == 204)
            }
            let second = try await scenario.claimed()
            let word = try await scenario.lines(1, below: line, by: second)[0]
            try await tester.asOwner("UPDATE deletion SET undo_until = now()")
            try await tester.asOwner("UPDATE job SET run_at = now()")
            while try await tester.purgeOneBatch(made, most: 2) {}
            let found = try await tester.get("/api/v1/element/\(line)/").expect()
            #expect(found["detached_from"]?["id"] == .string(first.run) && found["worker_run"] == .null, "\(found)")
            #expect(try await tester.get("/api/v1/element/\(word)/").expect()["worker_run"]?["id"] == .string(second.run))
            #expect(try await tester.miscounted() == [])
        }
    }

    @Test func theJobDoesAllOfItAndCountsWhatItDid() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let work = try await MixedWork(scenario)
            _ = try await tester.patch("/api/v1/settings/", ["purge_horizon": 0]).expect()
            let made = try await tester.deleted(scenario.corpus, "worker_run_id=\(work.run)")
            let before = try await tester.get("/api/v1/jobs/\(made.job)/").expect()
            #expect(
                before["state"] == "queued" && before["total"] == .integer(work.machine.count) && before["undo_until"] == .null, "\(before)"
            )
            #expect(try await tester.runner(Purge.kind).workOnce())
            let job = try await tester.get("/api/v1/jobs/\(made.job)/").expect()
            #expect(job["state"] == "done" && job["done"] == .integer(work.machine.count) && job["total"] == job["done"], "\(job)")
            #expect(try await tester.miscounted() == [])
            // The run can publish again, and be deleted again; what was kept of the first time is work by hand by now.
            #expect(try await tester.value("SELECT count(*) FROM source WHERE purged IS NOT NULL") == "1")
        }
    }

    /// Fault 58: whoever adds a table that can hold results says what becomes of them.
    @Test func eachTableThatCanHoldResultsHasOnePlan() async throws {
        try await TestDatabase.with { database in
            try await database.connected(to: database.owner) { lease in
                let faults = try await lease.run(
                    Call(
                        """
                        WITH holding AS (
                          SELECT DISTINCT c.relname::text AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
                          WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND (c.relname = 'element'
                            OR a.attname IN ('source_id', 'element_id', 'transcription_id'))
                        ), indexed AS (
                          SELECT i.indrelid::regclass::text AS name, ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place)
                            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number ORDER BY k.place) AS columns FROM pg_index i
                        )
                        SELECT h.name || ' has no plan' FROM holding h WHERE h.name NOT IN (SELECT table_name FROM erasure_plans())
                        UNION ALL SELECT p.table_name || ' is planned but holds no results' FROM erasure_plans() p WHERE p.table_name NOT IN (SELECT name FROM holding)
                        UNION ALL SELECT p.table_name || ' has several plans' FROM erasure_plans() p GROUP BY p.table_name HAVING count(*) > 1
                        UNION ALL SELECT p.table_name || ' cannot be found by its element' FROM erasure_plans() p WHERE p.how IN ('result', 'on_element', 'activity', 'place')
                          AND NOT EXISTS (SELECT FROM indexed i WHERE i.name = p.table_name AND i.columns[1:2] = '{tenant_id,element_id}')
                        UNION ALL SELECT p.table_name || ' cannot be found by its source' FROM erasure_plans() p WHERE p.how = 'result'
                          AND NOT EXISTS (SELECT FROM indexed i WHERE i.name = p.table_name AND i.columns[1:4] = '{tenant_id,corpus_id,source_id,id}')
                        """))
                #expect((0..<faults.count).map { faults.text($0, 0) } == [])
            }
        }
    }
}

/// All rows of the kinds that MixedWork makes, hidden or not.
private let rowsOfResults = """
    SELECT (SELECT count(*) FROM element) + (SELECT count(*) FROM transcription) + (SELECT count(*) FROM transcription_entity)
      + (SELECT count(*) FROM classification) + (SELECT count(*) FROM metadata)
    """

extension Tester {
    /// As a server that is killed after one batch: its lease runs out, and the next carries on.
    /// - Returns: whether the purge goes on.
    func purgeOneBatch(_ made: Deleted, most: Int) async throws -> Bool {
        struct Killed: Error {}
        let kind = JobKind("purge") { (arguments: Purge.Arguments, job: RunningJob) in
            guard try await job.first(Purge.begin, .init(deletion: arguments.deletion, job: job.id))?.begun == true else { return }
            let done = try await job.first(Purge.batch, .init(deletion: arguments.deletion, job: job.id, most: most))
            guard done?.finished == true else { throw Killed() }
        }
        _ = try await runner(kind).workOnce()
        let state = try await get("/api/v1/jobs/\(made.job)/").expect()["state"]
        guard state != "done" else { return false }
        #expect(state == "queued", "\(String(describing: state))")
        try await asOwner("UPDATE job SET run_at = now(), failures = 0 WHERE id = $1", [.text(made.job)])
        return true
    }
}

extension [String: String] {
    /// Where they do not say the same, but for times by which something is hidden.
    func differing(from other: [String: String]) -> [String] {
        keys.filter { self[$0] != other[$0] && !$0.contains("/process/workers/") }.map {
            "\($0): \(self[$0] ?? ""), before: \(other[$0] ?? "")"
        }
    }
}
