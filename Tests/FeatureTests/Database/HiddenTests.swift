import Postgres
import Shapes
import Testing

@testable import Server

/// What a deletion hides is in no list, count, filter or detail, whatever operation asks; and comes back as it was.
@Suite struct HiddenTests {
    @Test func whatTheRunMadeIsGoneEverywhereAndComesBack() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let (gone, other) = (try await scenario.claimed(), try await scenario.claimed())
            let page = scenario.pages[0]
            let lines = try await scenario.lines(3, below: page, by: gone)
            let theirs = try await scenario.lines(1, below: page, by: other, from: 3)
            // On the page, on a line that goes, and of the other run on such a line.
            let onPage = try await scenario.text("a", on: page, by: gone)
            let onLine = try await scenario.text("b", on: lines[0], by: gone)
            let ofOther = try await scenario.text("c", on: lines[0], by: other)
            let stays = try await scenario.text("d", on: theirs[0], by: other)
            // Below a line that goes.
            let words = try await scenario.lines(2, below: lines[0], by: other, from: 4)
            let before = try await scenario.picture(gone.run, other.run, lines + words)

            try await tester.hide(gone.run, everything: false)
            for line in lines + words { #expect(try await tester.get("/api/v1/element/\(line)/").status == 404) }
            #expect(try await tester.children(page) == theirs)
            #expect(try await tester.children(scenario.folder, recursive: true) == [page] + theirs)
            let elements = try await tester.get("/api/v1/corpus/\(scenario.corpus)/elements/")
            #expect(Set(elements.ids) == Set([scenario.folder, page] + theirs) && elements.json["count"] == 3)
            let filtered = try await tester.get("/api/v1/corpus/\(scenario.corpus)/elements/?worker_run=\(gone.run)")
            #expect(filtered.ids == [] && filtered.json["count"] == 0)
            let texts = try await tester.get("/api/v1/element/\(scenario.folder)/transcriptions/?recursive=True")
            #expect(texts.ids == [stays] && texts.json["count"] == 1)
            for text in [onPage, onLine, ofOther] {
                #expect(try await tester.get("/api/v1/transcription/\(text)/entities/").status == 404)
            }
            #expect(try await tester.results(gone.run) == [0, 0])
            #expect(try await tester.results(other.run) == [1, 1])
            let runs = try await tester.get("/api/v1/corpus/\(scenario.corpus)/worker-runs/")
            #expect(runs.ids == [other.run] && runs.json["count"] == 1)
            // Nothing can be added to what is not there.
            let late: JSONValue = ["element_type": "word", "transcriptions": [["polygon": .rectangle(0, 0, 1, 1), "text": "late"]]]
            #expect(try await tester.post("/api/v1/element/\(lines[0])/transcriptions/bulk/", late).status == 404)
            #expect(try await tester.link(lines[0], scenario.folder).status == 404)

            try await tester.restore()
            #expect(try await scenario.picture(gone.run, other.run, lines + words) == before)
        }
    }

    @Test func whatPeopleWorkedOnStaysAndTellsWhereItCameFrom() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let (gone, other) = (try await scenario.claimed(), try await scenario.claimed())
            let page = scenario.pages[0]
            let lines = try await scenario.lines(3, below: page, by: gone)
            // A person edits one line and transcribes below another; the third is nobody's.
            #expect(try await tester.patch("/api/v1/element/\(lines[0])/", ["name": "edited"]).status == 200)
            let byHand = try await scenario.text("by hand", on: lines[1])
            let ofRun = try await scenario.text("of the run", on: lines[0], by: gone)
            let ofOther = try await scenario.text("of the other", on: lines[0], by: other)
            let summary = try #require(try await tester.get("/api/v1/process/workers/\(gone.run)/").expect()["summary"])
            let before = try await scenario.picture(gone.run, other.run, lines)

            try await tester.hide(gone.run, everything: false)
            #expect(try await tester.children(page) == [lines[0], lines[1]])
            #expect(try await tester.get("/api/v1/element/\(lines[2])/").status == 404)
            let kept = try await tester.get("/api/v1/element/\(lines[0])/").expect()
            #expect(kept["worker_run"] == .null)
            #expect(kept["detached_from"] == ["id": .string(gone.run), "summary": summary])
            let list = "/api/v1/corpus/\(scenario.corpus)/elements/?type=text_line&worker_run="
            #expect(Set(try await tester.get(list + "False").ids) == [lines[0], lines[1]])
            #expect(try await tester.get(list + gone.run).ids == [])
            // The other run's result on a kept element stays; the run's own goes.
            let texts = try await tester.get("/api/v1/element/\(lines[0])/transcriptions/")
            #expect(texts.ids == [ofOther] && !texts.ids.contains(ofRun))
            #expect(try await tester.get("/api/v1/element/\(lines[1])/transcriptions/").ids == [byHand])
            #expect(try await tester.results(gone.run) == [0, 0])
            #expect(try await tester.results(other.run) == [0, 1])

            try await tester.restore()
            #expect(try await scenario.picture(gone.run, other.run, lines) == before)
            try await tester.hide(gone.run, everything: true)
            #expect(try await tester.children(page) == [])
            #expect(try await tester.results(other.run) == [0, 0])
            #expect(try await tester.miscounted() == [])
        }
    }

    /// Rule 7.5: what a person linked is kept, with the place they gave it.
    @Test func whatAPersonLinkedStaysWhereTheyPutIt() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester)
            let gone = try await scenario.claimed()
            let body: JSONValue = ["corpus": .string(scenario.corpus), "type": "page", "name": "loose"]
            let loose = try await tester.post("/api/v1/elements/create/", body.signed(gone), as: gone.caller).created()
            let line = try #require(try await scenario.lines(1, below: scenario.pages[0], by: gone).first)
            #expect(try await tester.link(loose, scenario.folder).status == 201)
            #expect(try await tester.link(line, scenario.pages[1]).status == 201)
            try await tester.hide(gone.run, everything: false)
            #expect(try await tester.get("/api/v1/element/\(loose)/").status == 200)
            #expect(try await tester.children(scenario.folder).contains(loose))
            #expect(try await tester.children(scenario.pages[1]) == [line])
        }
    }

    /// Elements that are hidden while a process runs are passed over; a 404 would end the worker's queue.
    @Test func hiddenElementsAreNotHandedOut() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let maker = try await scenario.claimed()
            let lines = try await scenario.lines(2, below: scenario.pages[0], by: maker)
            let later = try await scenario.lines(1, below: scenario.pages[0], by: nil, from: 2)
            let process = try await scenario.emptyProcess(["element_type": "text_line", "load_children": true])
            let body: JSONValue = ["worker_version_id": .string(scenario.version)]
            let run = try await tester.post("/api/v1/process/\(process)/workers/", body).created()
            let task = try #require(try await scenario.start(process, run).first)
            try await tester.hide(maker.run, everything: false)
            let first = try await tester.post("/api/v1/process/start-activity/", as: task.caller)
            #expect(first.id == later[0], "\(first)")
            #expect(try await tester.post("/api/v1/process/start-activity/", as: task.caller).status == 404)
            #expect(!lines.contains(first.id ?? ""))
        }
    }

    /// states.md: the fence. A task that was claimed before the deletion publishes nothing after it.
    @Test func aTaskWhoseResultsWereDeletedIsRefused() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            _ = try await scenario.text("before", on: scenario.pages[0], by: task)
            try await tester.asOwner("UPDATE source SET open = false")
            let text: JSONValue = ["text": "after", "worker_run_id": .string(task.run)]
            let late = try await tester.post("/api/v1/element/\(scenario.pages[0])/transcription/", text, as: task.caller)
            #expect(late.status == 409 && late.codes == ["run_results_deleted"], "\(late)")
            #expect(try await tester.results(task.run) == [0, 1])
        }
    }
}

extension Scenario {
    /// What some lists and details say.
    fileprivate func picture(_ first: String, _ second: String, _ elements: [String]) async throws -> [String] {
        let paths =
            [
                "/api/v1/corpus/\(corpus)/elements/?page_size=500", "/api/v1/corpus/\(corpus)/worker-runs/",
                "/api/v1/elements/\(folder)/children/?recursive=True", "/api/v1/element/\(folder)/transcriptions/?recursive=True",
                "/api/v1/corpus/\(corpus)/elements/?worker_run=\(first)", "/api/v1/process/workers/\(first)/",
                "/api/v1/process/workers/\(second)/",
            ] + elements.map { "/api/v1/element/\($0)/" }
        return try await paths.asyncMap { try await tester.get($0).expect().text }
    }
}

extension Tester {
    /// How many elements and transcriptions a run has made, as its details say.
    fileprivate func results(_ run: String) async throws -> [Int?] {
        let results = try await get("/api/v1/process/workers/\(run)/").expect()["results"]
        return [results?["elements"]?.int, results?["transcriptions"]?.int]
    }

    /// The rows that a deletion writes, in one transaction.
    func hide(_ run: String, everything: Bool) async throws {
        let parameters: [Parameter] = [.text(run), .text(everything ? "true" : "false")]
        try await asOwner(
            """
            WITH sources AS (UPDATE source SET open = false WHERE worker_run_id = $1 RETURNING tenant_id, id, corpus_id),
            made AS (
              INSERT INTO deletion (tenant_id, id, corpus_id, keep_manual, undo_until)
              SELECT DISTINCT s.tenant_id, gen_random_uuid(), s.corpus_id, NOT $2::boolean, now() + interval '1 day' FROM sources s
              RETURNING tenant_id, id, corpus_id),
            hidden AS (
              INSERT INTO hidden_source (tenant_id, source_id, deletion_id, corpus_id, everything)
              SELECT s.tenant_id, s.id, d.id, d.corpus_id, $2::boolean FROM sources s JOIN made d USING (tenant_id, corpus_id))
            INSERT INTO hidden_lineage (tenant_id, lineage_id, deletion_id, corpus_id, everything)
            SELECT DISTINCT l.tenant_id, l.id, d.id, d.corpus_id, $2::boolean FROM lineage l
              JOIN sources s ON s.tenant_id = l.tenant_id AND s.id = ANY (l.sources) JOIN made d ON d.corpus_id = l.corpus_id
            """, parameters)
    }

    func restore() async throws {
        try await asOwner("DELETE FROM hidden_lineage")
        try await asOwner("DELETE FROM hidden_source")
        try await asOwner("UPDATE deletion SET state = 'restored'")
    }
}
