import Jobs
import Postgres
import ServiceLifecycle
import Shapes
import Synchronization
import Tenancy
import Testing

@testable import Server

/// Background work: done once, resumed by whoever comes next, and never by two at a time.
@Suite struct JobTests {
    private struct Steps: Codable, Sendable { var steps: Int }

    /// Each step writes a row of its own, so that what was done twice would be seen.
    private static func counting(_ name: String = "counting", at step: @escaping @Sendable (Int) async throws -> Void = { _ in }) -> JobKind
    {
        JobKind(name) { (arguments: Steps, job: RunningJob) in
            while true {
                let done = try await job.run([.steps]).first?.text(0, 0).flatMap { Int($0) } ?? 0
                guard done < arguments.steps else { return }
                try await step(done)
                _ = try await job.run([.step, job.progress(1, of: arguments.steps)])
            }
        }
    }

    @Test func aJobIsCarriedOutAndSaysHowFarItIs() async throws {
        try await Tester.with { tester in
            let id = try await tester.job("counting", ["steps": 3])
            #expect(try await tester.get("/api/v1/jobs/\(id)/").expect()["state"] == "queued")
            let kind = Self.counting { step in
                let job = try await tester.get("/api/v1/jobs/\(id)/").expect()
                #expect(job["state"] == "running" && job["done"] == .integer(step) && job["total"] == (step == 0 ? .null : 3), "\(job)")
            }
            #expect(try await tester.runner(kind).workOnce())
            let job = try await tester.get("/api/v1/jobs/\(id)/").expect()
            #expect(job["state"] == "done" && job["done"] == 3 && job["total"] == 3 && job["error"] == .null, "\(job)")
            #expect(try await tester.runner(kind).workOnce() == false)
            #expect(try await tester.get("/api/v1/jobs/?state=done").ids == [id])
            #expect(try await tester.get("/api/v1/jobs/?state=queued").ids == [])
        }
    }

    @Test func aFailureIsTriedAgainFromWhereItStoodAndTooManyEndIt() async throws {
        try await Tester.with { tester in
            struct Refused: Error, CustomStringConvertible { var description: String { "The shelf is full." } }
            let id = try await tester.job("counting", ["steps": 3])
            let failing = Self.counting { if $0 == 1 { throw Refused() } }
            let runner = tester.runner(failing)
            #expect(try await runner.workOnce())
            let once = try await tester.get("/api/v1/jobs/\(id)/").expect()
            #expect(
                once["state"] == "queued" && once["done"] == 1 && once["failures"] == 1 && once["error"] == "The shelf is full.", "\(once)")
            // It waits for a while.
            #expect(try await runner.workOnce() == false)
            #expect(try await tester.value("SELECT bool_and(run_at > now() + interval '2 seconds') FROM job") == "t")
            for _ in 0..<7 {
                try await tester.asOwner("UPDATE job SET run_at = now()")
                #expect(try await runner.workOnce())
            }
            let ended = try await tester.get("/api/v1/jobs/\(id)/").expect()
            #expect(ended["state"] == "failed" && ended["done"] == 1 && ended["error"] == "The shelf is full.", "\(ended)")
            #expect(try await tester.delete("/api/v1/jobs/\(id)/").status == 204)
            #expect(try await tester.get("/api/v1/jobs/\(id)/").status == 404)
        }
    }

    @Test func argumentsThatCannotBeReadDoNotBlockTheQueue() async throws {
        try await Tester.with { tester in
            let poisoned = try await tester.job("counting", ["steps": "three"])
            let sound = try await tester.job("counting", ["steps": 1])
            let runner = tester.runner(Self.counting())
            while try await runner.workOnce() {}
            #expect(try await tester.get("/api/v1/jobs/\(sound)/").expect()["state"] == "done")
            #expect(try await tester.get("/api/v1/jobs/\(poisoned)/").expect()["failures"] == 1)
        }
    }

    /// storage.md F: the attempt is the fencing token.
    @Test func whoeverHasLostTheLeaseChangesNothingAnyMore() async throws {
        try await Tester.with { tester in
            let id = try await tester.job("counting", ["steps": 3])
            let kind = Self.counting { step in
                guard step == 1, try await tester.value("SELECT attempt::text FROM job") == "1" else { return }
                // While this one was away, another server found the lease run out and did all the rest.
                try await tester.asOwner("UPDATE job SET lease_until = now() - interval '1 second'")
                let other = tester.runner(Self.counting())
                #expect(try await other.workOnce() == false)
                try await tester.asOwner("UPDATE job SET run_at = now()")
                #expect(try await other.workOnce())
            }
            #expect(try await tester.runner(kind).workOnce())
            let job = try await tester.get("/api/v1/jobs/\(id)/").expect()
            #expect(job["state"] == "done" && job["done"] == 3, "\(job)")
            #expect(try await tester.value("SELECT count(*) FROM audit_event WHERE kind = 'step'") == "3")
        }
    }

    @Test func kindsThatNobodyKnowsAreLeftAlone() async throws {
        try await Tester.with { tester in
            let id = try await tester.job("of_a_newer_server", ["steps": 1])
            #expect(try await tester.runner(Self.counting()).workOnce() == false)
            #expect(try await tester.get("/api/v1/jobs/\(id)/").expect()["failures"] == 0)
        }
    }

    @Test func jobsAreCancelledAndDismissed() async throws {
        try await Tester.with { tester in
            let waiting = try await tester.job("counting", ["steps": 1])
            #expect(try await tester.delete("/api/v1/jobs/\(waiting)/").status == 204)
            #expect(try await tester.get("/api/v1/jobs/\(waiting)/").expect()["state"] == "cancelled")
            #expect(try await tester.delete("/api/v1/jobs/\(waiting)/").status == 204)
            #expect(try await tester.get("/api/v1/jobs/\(waiting)/").status == 404)

            let running = try await tester.job("counting", ["steps": 5])
            let kind = Self.counting { step in
                guard step == 2 else { return }
                let answer = try await tester.delete("/api/v1/jobs/\(running)/")
                #expect(answer.status == 204)
            }
            #expect(try await tester.runner(kind).workOnce())
            let job = try await tester.get("/api/v1/jobs/\(running)/").expect()
            #expect(job["state"] == "cancelled" && job["done"] == 2, "\(job)")

            let needed = try await tester.job("counting", ["steps": 1], refusal: "Undo the deletion instead.")
            let refused = try await tester.delete("/api/v1/jobs/\(needed)/")
            #expect(refused.status == 409 && refused.codes == ["not_cancellable"], "\(refused)")
        }
    }

    @Test func aServerThatStopsGivesItsJobsBack() async throws {
        try await Tester.with { tester in
            let id = try await tester.job("counting", ["steps": 1])
            let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
            let (never, ending) = AsyncStream.makeStream(of: Void.self)
            defer { ending.finish() }
            let waiting = JobKind("counting") { (_: Steps, _: RunningJob) in
                beginning.yield()
                // Until it is cancelled.
                for await _ in never {}
                try Task.checkCancellation()
            }
            let group = ServiceGroup(services: [tester.runner(waiting)], logger: TestDatabase.logger)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                for await _ in begun { break }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
            let job = try await tester.get("/api/v1/jobs/\(id)/").expect()
            #expect(job["state"] == "queued" && job["failures"] == 0, "\(job)")
            #expect(try await tester.runner(Self.counting()).workOnce())
        }
    }

    /// Fault 35: one tenant's many do not keep another's few waiting.
    @Test func tenantsTakeTurns() async throws {
        try await Tester.with(.enterprise) { tester in
            let other = try await tester.secondTenant()
            for _ in 0..<4 { _ = try await tester.job("counting", ["steps": 1]) }
            for _ in 0..<2 { _ = try await tester.job("counting", ["steps": 1], of: other) }
            let turns = Mutex<[ID<Tenant>]>([])
            let kind = JobKind("counting") { (_: Steps, job: RunningJob) in turns.withLock { $0.append(job.tenant) } }
            let runner = tester.runner(kind)
            while try await runner.workOnce() {}
            let own = tester.tenant
            #expect(turns.withLock(\.self) == [own, other, own, other, own, own])
        }
    }

    @Test func longJobsOfATenantLeaveAPlaceForOthers() async throws {
        try await Tester.with(.enterprise) { tester in
            let other = try await tester.secondTenant()
            for _ in 0..<2 { _ = try await tester.job("counting", ["steps": 1]) }
            let brief = try await tester.job("counting", ["steps": 1], of: other)
            let (running, began) = AsyncStream<Void>.makeStream()
            let (ending, end) = AsyncStream<Void>.makeStream()
            let long = JobKind("counting") { (_: Steps, job: RunningJob) in
                guard job.tenant == tester.tenant else { return }
                began.yield()
                _ = await ending.first { _ in true }
            }
            // With one place for each tenant.
            let runner = tester.runner(long)
            async let first = runner.workOnce()
            _ = await running.first { _ in true }
            #expect(try await runner.workOnce())
            #expect(try await tester.value("SELECT state FROM job WHERE id = $1", [.text(brief)]) == "done")
            #expect(try await runner.workOnce() == false)
            end.yield()
            #expect(try await first)
            end.yield()
            #expect(try await runner.workOnce())
        }
    }

    @Test func othersDoNotSeeIt() async throws {
        try await Tester.with(.enterprise) { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let id = try await tester.job("counting", ["steps": 1], in: scenario.corpus)
            let person = try await tester.person("reader@example.org")
            let reader = Tester.Caller.token(try await tester.token(of: person))
            for level in ["10", "50"] {
                try await tester.asOwner(
                    """
                    INSERT INTO membership (tenant_id, id, user_id, corpus_id, level) VALUES ($1, uuid7(), $2, $3, $4)
                    ON CONFLICT ON CONSTRAINT membership_unique DO UPDATE SET level = excluded.level
                    """, [tester.tenant.parameter, person.parameter, .text(scenario.corpus), .text(level)])
                #expect(try await tester.get("/api/v1/jobs/", as: reader).expect()["count"] == 0)
                #expect(try await tester.get("/api/v1/jobs/\(id)/", as: reader).status == 404)
                #expect(try await tester.delete("/api/v1/jobs/\(id)/", as: reader).status == 404)
            }
            try await tester.asOwner("UPDATE membership SET level = 100")
            #expect(try await tester.get("/api/v1/jobs/", as: reader).ids == [id])
            let stranger = Tester.Caller.token(try await tester.token(in: try await tester.secondTenant()))
            #expect(try await tester.get("/api/v1/jobs/", as: stranger).expect()["count"] == 0)
            #expect(try await tester.get("/api/v1/jobs/\(id)/", as: stranger).status == 404)
        }
    }
}

extension Call {
    fileprivate static let step = Call("INSERT INTO audit_event (tenant_id, id, kind) VALUES (own_tenant(), uuid7(), 'step')")
    fileprivate static let steps = Call("SELECT count(*) FROM audit_event WHERE tenant_id = own_tenant() AND kind = 'step'")
}

extension Tester {
    /// Asks for work, as a function of the database would.
    func job(
        _ kind: String, _ args: JSONValue = [:], in corpus: String? = nil, by run: String? = nil, refusal: String? = nil,
        of other: ID<Tenant>? = nil
    ) async throws -> String {
        try await database.connected(to: database.application) { lease in
            let rows = try await lease.segment([
                .enter(other ?? tenant, scheme: "system"),
                Call(
                    "SELECT enqueue_job($1, 'Some work', $2, $3, $4::jsonb, now(), NULL, $5)",
                    [
                        .text(kind), corpus.map(Parameter.text) ?? .null, run.map(Parameter.text) ?? .null, .text(args.text),
                        refusal.map(Parameter.text) ?? .null,
                    ]),
            ])
            return try #require(rows[1].text(0, 0))
        }
    }

    func runner(_ kinds: JobKind...) -> JobRunner {
        JobRunner(tenancy: tenancy, kinds: kinds, holder: "a test", slots: 1, logger: TestDatabase.logger)
    }
}
