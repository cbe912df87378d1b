import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Testing
import Web

@testable import Server

/// Results of a run, of another on and below them, and of a person, in all ways that they may stand on one another.
struct MixedWork: Sendable {
    let scenario: Scenario
    let run: String
    let other: String
    /// What goes with the run in any case.
    let machine: Set<String>
    /// What stays unless everything is to go.
    let byHand: Set<String>
    let elements: [String]
    let texts: [String]
    /// How many objects of these there are.
    let all: [Int]

    init(_ scenario: Scenario) async throws {
        self.scenario = scenario
        let tester = scenario.tester
        let (task, second) = (try await scenario.claimed(), try await scenario.claimed())
        (run, other) = (task.run, second.run)
        let page = scenario.pages[0]
        let lines = try await scenario.lines(3, below: page, by: task)
        let theirs = try await scenario.lines(1, below: page, by: second, from: 3)
        let word = try await scenario.lines(1, below: lines[0], by: second, from: 4)
        let onPage = try await scenario.text("On the page", on: page, by: task)
        let onLine = try await scenario.text("On a line", on: lines[0], by: task)
        let ofOther = try await scenario.text("Of the other", on: lines[1], by: second)
        let stays = try await scenario.text("Beside", on: theirs[0], by: second)
        let person = try await tester.post("/api/v1/entity/types/", ["name": "person", "corpus": .string(scenario.corpus)]).created()
        let kind = try await tester.post("/api/v1/corpus/\(scenario.corpus)/classes/", ["name": "letter"]).created()
        func entity(_ text: String, _ offset: Int, by task: Claimed?) async throws -> String {
            let body: JSONValue = ["type_id": .string(person), "offset": .integer(offset), "length": 1]
            return try await tester.post("/api/v1/transcription/\(text)/entities/", body.signed(task), as: task?.caller ?? .administrator)
                .created()
        }
        let marked = try await entity(onPage, 0, by: task)
        let markedByOther = try await entity(onPage, 1, by: second)
        let classification = try await tester.post(
            "/api/v1/classifications/", (["element": .string(page), "ml_class": .string(kind), "confidence": 1] as JSONValue).signed(task),
            as: task.caller
        ).created()
        let metadata = try await tester.post(
            "/api/v1/element/\(page)/metadata/", (["type": "text", "name": "a", "value": "b"] as JSONValue).signed(task), as: task.caller
        ).created()
        // A person transcribes the third line, and marks something in a transcription of the run there.
        let onKept = try await scenario.text("Of the run, on what is kept", on: lines[2], by: task)
        let otherOnKept = try await scenario.text("Of the other, on what is kept", on: lines[2], by: second)
        let typed = try await scenario.text("By hand", on: lines[2])
        let markedByHand = try await entity(onKept, 0, by: nil)
        try await scenario.complete(task)
        try await scenario.complete(second)
        machine = Set(lines[0...1] + word + [onPage, onLine, ofOther, marked, markedByOther, classification, metadata])
        byHand = [lines[2], onKept, otherOnKept, typed, markedByHand]
        elements = [scenario.folder, page] + lines + theirs + word
        texts = [onPage, onLine, ofOther, stays, onKept, otherOnKept, typed]
        all = [2 + 3 + 1 + 1 + 7 + 3 + 2]
    }

    /// What every operation that reads says, for each object that it can be asked about. The deletion itself, its job and the audit may name it.
    func answers() async throws -> [String: String] {
        let tester = scenario.tester
        var answers: [String: String] = [:]
        for operation in Compose.operations
        // What tells of the deletion itself is to differ.
        where operation.method == .get
            && !["ListJobs", "StreamJobs", "ListDeletions", "RetrieveJob", "ListAuditEvents"].contains(operation.id)
        {
            for id in operation.path.names.isEmpty ? [""] : subjects(of: operation) {
                let input = operation.path.names.reduce(operation.example) { $0.adding([$1: .string(id)]) }
                for further in filters(of: operation) {
                    let path = operation.path(with: input.adding(further))
                    let answer = try await tester.get(path)
                    // The keys of a refusal come in any order.
                    let text = answer.status == 200 ? answer.text : "\(answer.status) \(answer.codes)"
                    // Named by what was asked, not by what is there.
                    answers[path] = id.isEmpty ? text : text.replacing(id, with: "")
                }
            }
        }
        return answers
    }

    private func subjects(of operation: Web.Operation) -> [String] {
        let path = operation.path.description
        if path.contains("/element") && !path.contains("/corpus/") && !path.contains("/process/") { return elements }
        if path.contains("/transcription/") { return texts }
        let ids = ["corpus": scenario.corpus, "run": run, "worker": scenario.worker, "version": scenario.version]
        return [operation.identifier(of: ids), path.contains("/process/workers/") || path.contains("/runs/") ? other : nil].compactMap {
            $0
        }
    }

    /// Nothing, everything that may be asked for beside, and each filter that knows runs.
    private func filters(of operation: Web.Operation) -> [JSONValue] {
        let names = operation.input.properties.map(\.name)
        let switches = names.filter { $0.hasPrefix("with_") || ["recursive", "load_parents"].contains($0) }
        var filters: [JSONValue] = [[:], .object(Dictionary(switches.map { ($0, true) }) { $1 })]
        for name in ["worker_run", "transcription_worker_run", "results_of"] where names.contains(name) {
            filters += [run, other, "False"].map { [name: .string($0)] }
        }
        if names.contains("type") { filters.append(["type": "text_line"]) }
        return filters
    }

    /// How many objects of this scenario are seen, from the rows themselves.
    func visibleCounts() async throws -> [Int] {
        let tester = scenario.tester
        let rows = try await tester.database.connected(to: tester.database.application) { lease in
            try await lease.segment([
                .enter(tester.tenant, scheme: "system"),
                Call(
                    """
                    SELECT (SELECT count(*) FROM element) + (SELECT count(*) FROM transcription) + (SELECT count(*) FROM transcription_entity)
                      + (SELECT count(*) FROM classification) + (SELECT count(*) FROM metadata)
                    """),
            ])
        }
        return rows[1].text(0, 0).flatMap { Int($0) }.map { [$0] } ?? []
    }
}
