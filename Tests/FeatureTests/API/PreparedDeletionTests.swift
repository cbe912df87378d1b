import Jobs
import Postgres
import Shapes
import Testing

@testable import Corpora
@testable import Deletion
@testable import Server

/// Rules 7.1 and 7.3: where very much is there, a job sets it apart before it goes, without anybody seeing it.
@Suite struct PreparedDeletionTests {
    @Test(arguments: [1, 2, 5, 1_000]) func veryMuchIsSetApartByAJobAndGoesAllAtOnce(most: Int) async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let work = try await MixedWork(scenario)
            let beside = try await Neighbour(scenario, like: work.run)
            let before = try await work.answers()
            try await tester.setMostErased(3)
            let preview = try await tester.previewed(
                scenario.corpus, ["worker_run_id": .string(work.run), "element_id": .string(scenario.pages[0])])
            let query = "worker_run_id=\(work.run)&element_id=\(scenario.pages[0])"
            let made = try await tester.deleted(scenario.corpus, query + "&token=\(preview.token)")
            // Asked again it is the same, and its numbers are those that were shown.
            #expect(try await tester.deleted(scenario.corpus, query) == made)
            let listed = try await tester.deletion(made, in: scenario.corpus)
            #expect(listed?["state"] == "preparing" && listed?["counts"]?["results"] == preview.json["results"])
            #expect(try await tester.delete("/api/v1/jobs/\(made.job)/").codes == ["not_cancellable"])
            while try await tester.prepareOneBatch(made, most: most) {
                #expect(try await work.answers().differing(from: before) == [])
                #expect(try await tester.miscounted() == [])
            }
            let hidden = try await tester.deletion(made, in: scenario.corpus)
            #expect(hidden?["state"] == "hidden" && hidden?["counts"] == listed?["counts"])
            for (path, answer) in try await work.answers() {
                #expect(work.machine.filter { answer.contains($0) } == [], "\(path): \(answer)")
            }
            #expect(try await beside.seen() == beside.all)
            #expect(try await tester.miscounted() == [])
            _ = try await tester.restored(scenario.corpus, made.deletion).expect()
            #expect(try await work.answers().differing(from: before) == [])
        }
    }

    @Test func itCanBeUndoneMeanwhileAndPurgedAfterwards() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let work = try await MixedWork(scenario)
            let beside = try await Neighbour(scenario, like: work.run)
            let before = try await work.answers()
            try await tester.setMostErased(3)
            let query = "worker_run_id=\(work.run)&element_id=\(scenario.pages[0])"
            // Whatever had been set apart by then is still the run's.
            for batches in [1, 3, 5] {
                let made = try await tester.deleted(scenario.corpus, query)
                for _ in 0..<batches { #expect(try await tester.prepareOneBatch(made, most: 2)) }
                _ = try await tester.restored(scenario.corpus, made.deletion).expect()
                #expect(try await tester.deletion(made, in: scenario.corpus)?["state"] == "restored")
                #expect(try await tester.runner(Marking.kind).workOnce() == false)
                #expect(try await work.answers().differing(from: before) == [])
                #expect(try await tester.miscounted() == [])
            }
            let whole = try await tester.deleted(scenario.corpus, "worker_run_id=\(work.run)")
            #expect(try await beside.seen() == [])
            _ = try await tester.restored(scenario.corpus, whole.deletion).expect()
            #expect(try await work.answers().differing(from: before) == [])

            _ = try await tester.patch("/api/v1/settings/", ["purge_horizon": 0]).expect()
            _ = try await tester.deleted(scenario.corpus, query)
            #expect(try await tester.runner(Marking.kind).workOnce())
            let hidden = try await work.answers()
            #expect(try await tester.runner(Purge.kind).workOnce())
            #expect(try await work.answers().differing(from: hidden) == [])
            #expect(try await beside.seen() == beside.all)
            #expect(try await tester.miscounted() == [])
            #expect(try await tester.value("SELECT count(*) FROM hidden_lineage") == "0")
        }
    }

    /// Two that take some of the same: each undo leaves what the other took, whichever of them was quicker.
    @Test(arguments: [(true, 1), (true, 2), (false, 1), (false, 2)]) func twoSideBySideAreUndoneEachByItself(inRequest: Bool, batches: Int)
        async throws
    {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let work = try await MixedWork(scenario)
            let before = try await work.answers()
            let run = "worker_run_id=\(work.run)&element_id="
            let (page, line) = (run + scenario.pages[0], run + work.elements[2])
            func alone(_ query: String) async throws -> [String: String] {
                let made = try await tester.deleted(scenario.corpus, query)
                let answers = try await work.answers()
                _ = try await tester.restored(scenario.corpus, made.deletion).expect()
                return answers
            }
            let (withoutPage, withoutLine) = (try await alone(page), try await alone(line))
            for (first, last) in [(page, line), (line, page)] {
                for undoesFirst in [true, false] {
                    try await tester.setMostErased(0)
                    let one = try await tester.deleted(scenario.corpus, first)
                    for _ in 0..<batches { #expect(try await tester.prepareOneBatch(one, most: 2)) }
                    if inRequest { try await tester.setMostErased(1_000) }
                    let other = try await tester.deleted(scenario.corpus, last)
                    var isPreparing = (one: true, other: !inRequest)
                    while isPreparing.one || isPreparing.other {
                        if isPreparing.one { isPreparing.one = try await tester.prepareOneBatch(one, most: 2) }
                        if isPreparing.other { isPreparing.other = try await tester.prepareOneBatch(other, most: 3) }
                        #expect(try await tester.miscounted() == [])
                    }
                    #expect(try await work.answers().differing(from: withoutPage) == [])
                    _ = try await tester.restored(scenario.corpus, (undoesFirst ? one : other).deletion).expect()
                    let left = (undoesFirst ? last : first) == page ? withoutPage : withoutLine
                    // When it is purged may differ.
                    let differing = try await work.answers().differing(from: left).filter { !$0.contains("hidden_until") }
                    #expect(differing == [], "\(first == page), \(undoesFirst)")
                    _ = try await tester.restored(scenario.corpus, (undoesFirst ? other : one).deletion).expect()
                    #expect(try await work.answers().differing(from: before) == [])
                }
            }
        }
    }

    /// A deletion of the whole run, one of elements, moves and people's work in between.
    @Test func whateverHappensMeanwhileNothingIsLeftHalf() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let work = try await MixedWork(scenario)
            let beside = try await Neighbour(scenario, like: work.run)
            let moved = try await tester.get("/api/v1/element/\(beside.lines[0])/transcriptions/").ids
            try await tester.setMostErased(3)
            let made = try await tester.deleted(scenario.corpus, "worker_run_id=\(work.run)&element_id=\(scenario.pages[0])")
            _ = try await tester.prepareOneBatch(made, most: 2)
            let whole = try await tester.deleted(scenario.corpus, "worker_run_id=\(work.run)")
            _ = try await tester.prepareOneBatch(made, most: 2)
            _ = try await tester.restored(scenario.corpus, whole.deletion).expect()
            // What comes there goes with it; what a person makes below the run's line, and with that the line, stays.
            _ = try await tester.post("/api/v1/element/\(beside.lines[0])/move/", ["to": .string(scenario.pages[0])]).expect()
            let byHand = try await scenario.lines(1, below: work.elements[3], by: nil, from: 9)[0]
            while try await tester.prepareOneBatch(made, most: 2) { #expect(try await tester.miscounted() == []) }
            #expect(try await tester.get("/api/v1/element/\(byHand)/").status == 200)
            #expect(try await tester.get("/api/v1/element/\(work.elements[3])/").expect()["worker_run"] == .null)
            #expect(try await tester.get("/api/v1/element/\(beside.lines[0])/transcriptions/").ids == [])
            #expect(try await beside.seen() == beside.all.subtracting([beside.lines[0]] + moved))
            #expect(try await tester.miscounted() == [])
            _ = try await tester.restored(scenario.corpus, made.deletion).expect()
            #expect(try await tester.miscounted() == [])
        }
    }
}

extension Tester {
    /// How many elements a deletion takes in its request at the most.
    func setMostErased(_ most: Int) async throws {
        try await asOwner("CREATE OR REPLACE FUNCTION most_erased() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT \(most)'")
    }

    func deletion(_ made: Deleted, in corpus: String) async throws -> JSONValue? {
        try await get("/api/v1/corpus/\(corpus)/deletions/").expect()["results"]?.list.first { $0["id"] == .string(made.deletion) }
    }

    /// As a server that is killed after one batch.
    /// - Returns: whether the preparation goes on.
    func prepareOneBatch(_ made: Deleted, most: Int) async throws -> Bool {
        struct Killed: Error {}
        try await asOwner(
            "UPDATE job SET run_at = CASE id WHEN $1 THEN now() ELSE now() + interval '1 hour' END, failures = 0 WHERE state = 'queued' AND kind = 'mark_deleted'",
            [.text(made.job)])
        let kind = JobKind("mark_deleted") { (arguments: Marking.Arguments, job: RunningJob) in
            guard try await job.first(Marking.batch, .init(deletion: arguments.deletion, job: job.id, most: most))?.finished == true else {
                throw Killed()
            }
        }
        #expect(try await runner(kind).workOnce())
        return try await value("SELECT state FROM deletion WHERE id = $1", [.text(made.deletion)]) == "preparing"
    }
}
