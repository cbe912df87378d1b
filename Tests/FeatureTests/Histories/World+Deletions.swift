import Postgres
import Shapes
import Testing

@testable import Server

/// Deletions, their undo and their purge.
extension World {
    private func numbers(_ json: JSONValue?) -> [String: Int] {
        guard case .object(let members) = json else { return [:] }
        return members.compactMapValues(\.int).filter { $0.value != 0 }
    }

    mutating func preview(_ run: Int, _ keep: Bool) async throws {
        tokens["\(run) \(keep)"] = try await previewed(run, keep, [:], reference.preview(reference.generations(of: run), keeps: keep))
    }

    /// - Returns: the token; nil when the run has never published.
    private func previewed(
        _ run: Int, _ keep: Bool, _ scope: JSONValue, _ expected: (results: [String: Int], manual: [String: Int], others: [String: Int])
    ) async throws -> String? {
        let path = "/api/v1/corpus/\(scenario.corpus)/worker-results/preview/"
        let body: JSONValue = ["worker_run_id": .string(runs[run]), "keep_manual": .boolean(keep)]
        let answer = try await tester.post(path, body.adding(scope))
        if answer.status == 404 { return nil }
        let json = try answer.expect()
        let others = (json["other_runs"]?.list ?? []).map { numbers($0["results"]) }.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
        guard numbers(json["results"]) == expected.results, numbers(json["manual"]) == expected.manual, others == expected.others else {
            throw Disagreement(description: "preview of run \(run), keep \(keep), \(scope): \(json), expected \(expected)")
        }
        return json["token"]?.string
    }

    mutating func delete(_ run: Int, _ keep: Bool, _ withToken: Bool) async throws {
        if let task = tasks.removeValue(forKey: run) { try await scenario.complete(task) }
        let chosen = reference.generations(of: run)
        if withToken { try await preview(run, keep) }
        let token = withToken ? tokens["\(run) \(keep)"] : nil
        try await delete(run, chosen, within: nil, keep, "", token)
    }

    /// What a run made within elements, with the token of a preview.
    mutating func deleteWithin(_ run: Int, _ keep: Bool, _ which: Int, _ selected: Bool) async throws {
        let tops = Set([which, which / 31].prefix(selected ? 2 : 1).compactMap { pick($0, .element) }).sorted()
        guard let top = tops.first else { return }
        if let task = tasks.removeValue(forKey: run) { try await scenario.complete(task) }
        if selected {
            let path = "/api/v1/elements/selection/"
            try #require(try await tester.delete(path, ["corpus": .string(scenario.corpus)]).status == 204)
            try #require(try await tester.post(path, ["ids": .array(tops.map { .string($0) })]).status == 204)
        }
        var split = reference
        let parts = split.split(reference.generations(of: run), within: tops)
        let token = try await previewed(
            run, keep, selected ? ["selection": true] : ["element_id": .string(top)], split.preview(parts, keeps: keep))
        // Nothing is split for a deletion that is refused.
        if split.hasResults(parts) { reference = split }
        try await delete(run, parts, within: tops, keep, selected ? "&selection=true" : "&element_id=\(top)", token)
    }

    private mutating func delete(
        _ run: Int, _ chosen: Set<Reference.Generation>, within tops: [String]?, _ keep: Bool, _ scope: String, _ token: String?
    ) async throws {
        let answer = try await tester.delete(
            "/api/v1/corpus/\(scenario.corpus)/worker-results/?worker_run_id=\(runs[run])&keep_manual=\(keep)\(scope)"
                + (token.map { "&token=\($0)" } ?? ""))
        if reference.hasResults(chosen) {
            let made = try answer.expect(202)
            try await prepare(made)
            reference.delete(try #require(made["deletion"]?.string), run, chosen, within: tops, keeps: keep)
        } else if let last = reference.deletions.last(where: { $0.run == run && $0.tops == tops && $0.keeps == keep && $0.state == .hidden }
        ) {
            // With one element selected it is another deletion than within that element.
            try #require(answer.codes == ["nothing_to_delete"] || (try answer.expect(202)["deletion"]) == .string(last.id), "\(answer)")
        } else if answer.status != 404 && answer.codes != ["nothing_to_delete"] {
            throw Disagreement(description: "nothing of run \(run) is there to delete, but: \(answer)")
        }
    }

    mutating func erase(_ which: Int) async throws {
        guard let element = pick(which, .element), element != scenario.folder else { return }
        let made = try await tester.delete("/api/v1/element/\(element)/").expect(202)
        try await prepare(made)
        reference.erase(try #require(made["deletion"]?.string), element)
    }

    /// Where the job does what the request did not, in batches of a server that dies after each.
    private func prepare(_ json: JSONValue) async throws {
        let made = Deleted(
            deletion: try #require(json["deletion"]?.string), job: try #require(json["job"]?.string),
            undoUntil: try #require(json["undo_until"]?.string))
        guard try await tester.value("SELECT state FROM deletion WHERE id = $1", [.text(made.deletion)]) == "preparing" else { return }
        while try await tester.prepareOneBatch(made, most: 2) { try await compare() }
    }

    mutating func undo(_ which: Int) async throws {
        guard !reference.deletions.isEmpty else { return }
        let index = which % reference.deletions.count
        let deletion = reference.deletions[index]
        let answer = try await tester.restored(scenario.corpus, deletion.id)
        switch deletion.state {
        case .purging, .purged: try #require(answer.status == 410, "\(answer)")
        case .restored: _ = try answer.expect()
        case .hidden:
            // While a later deletion of the run is being purged its counters shrink, and either answer is right.
            let unsure = reference.deletions.contains { $0.run == deletion.run && $0.state == .purging }
            let refused = answer.codes == ["republished"]
            if !unsure, refused != reference.isRepublished(deletion) {
                throw Disagreement(description: "undo of \(deletion.id): \(answer), republished: \(reference.isRepublished(deletion))")
            }
            if refused { return }
            _ = try answer.expect()
            reference.deletions[index].state = .restored
        }
    }

    mutating func purge(_ which: Int, _ batches: Int, _ most: Int) async throws {
        let waiting = reference.deletions.indices.filter { [.hidden, .purging].contains(reference.deletions[$0].state) }
        guard !waiting.isEmpty else { return }
        let index = waiting[which % waiting.count]
        let deletion = reference.deletions[index]
        try await tester.asOwner("UPDATE deletion SET undo_until = least(undo_until, now()) WHERE id = $1", [.text(deletion.id)])
        try await tester.asOwner(
            "UPDATE job SET run_at = now() FROM deletion d WHERE d.id = $1 AND job.id = d.job_id", [.text(deletion.id)])
        let job = try #require(try await tester.value("SELECT job_id FROM deletion WHERE id = $1", [.text(deletion.id)]))
        let made = Deleted(deletion: deletion.id, job: job, undoUntil: "")
        reference.deletions[index].state = .purging
        for _ in 0..<batches {
            if try await tester.purgeOneBatch(made, most: most) { continue }
            reference.purge(index)
            return
        }
        // It waits for the next time.
        try await tester.asOwner("UPDATE job SET run_at = now() + interval '1 hour' WHERE id = $1", [.text(job)])
    }
}
