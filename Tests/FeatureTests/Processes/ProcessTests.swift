import Postgres
import Shapes
import Tenancy
import Testing

@testable import Server

/// What processes are, and what they work on.
@Suite struct ProcessTests {
    /// Rule 5.1: modes that nothing runs are refused with a word why.
    @Test(arguments: ["workers", "dataset", "export", "local", "files", "s3", "template"])
    func modesAreMadeOrRefusedWithAWordWhy(_ mode: String) async throws {
        try await Tester.with { tester in
            let corpus = try await tester.post("/api/v1/corpus/", ["name": "Parish"]).created()
            let answer = try await tester.post("/api/v1/process/corpus/", ["corpus": .string(corpus), "mode": .string(mode)])
            if ["files", "s3", "template"].contains(mode) {
                #expect(answer.status == 400 && answer.codes == ["invalid_choice"] && answer.places == ["mode"], "\(answer)")
            } else {
                let process = try answer.expect(201)
                #expect(process["mode"] == .string(mode) && process["state"] == "unstarted" && process["activity_state"] == "disabled")
            }
        }
    }

    @Test func elementsAreChosenByWhatTheyAre() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 3)
            let lines = try await scenario.lines(2, below: scenario.pages[0], by: nil)
            let letter = try await tester.post("/api/v1/corpus/\(scenario.corpus)/classes/", ["name": "letter"]).created()
            for page in scenario.pages.prefix(2) {
                _ = try await tester.post(
                    "/api/v1/classifications/", ["element": .string(page), "ml_class": .string(letter), "confidence": 1]
                ).expect(201)
            }
            func chosen(_ body: JSONValue) async throws -> Set<String> {
                let whole: JSONValue = ["corpus": .string(scenario.corpus)]
                let process = try await tester.post("/api/v1/process/corpus/", whole.adding(body)).created()
                let path = "/api/v1/process/\(process)/elements/"
                let list = try await tester.get("\(path)?with_count=true")
                #expect(list.json["count"]?.int == list.ids.count)
                var paged: [String] = []
                var next: String? = "\(path)?page_size=2"
                while let address = next {
                    let page = try await tester.get(address)
                    _ = try page.expect()
                    (paged, next) = (paged + page.ids, page.next)
                }
                #expect(paged == list.ids)
                return Set(list.ids)
            }
            let (folder, page) = (JSONValue.string(scenario.folder), JSONValue.string(scenario.pages[0]))
            #expect(try await chosen([:]) == Set([scenario.folder] + scenario.pages + lines))
            #expect(try await chosen(["element": folder]) == Set(scenario.pages))
            #expect(try await chosen(["element": folder, "load_children": true]) == Set(scenario.pages + lines))
            #expect(try await chosen(["element": page]) == [scenario.pages[0]])
            #expect(try await chosen(["element": page, "load_children": true]) == Set([scenario.pages[0]] + lines))
            #expect(try await chosen(["element_type": "TEXT_LINE"]) == Set(lines))
            #expect(try await chosen(["name_contains": "PAGE 1"]) == [scenario.pages[1]])
            #expect(try await chosen(["ml_class": .string(letter), "name_contains": "0"]) == [scenario.pages[0]])
            let accented = try await tester.element(scenario.corpus, "page", "Élan")
            #expect(try await chosen(["name_contains": "ÉL"]) == [accented])
            let wrong = try await tester.post(
                "/api/v1/process/corpus/",
                [
                    "corpus": .string(scenario.corpus), "element": .string(letter), "element_type": "book",
                    "ml_class": .string(scenario.folder), "selection": true,
                ])
            #expect(wrong.status == 400, "\(wrong)")
            #expect(wrong.places == ["element", "element_type", "ml_class", "selection"])
            let set = try await tester.post(
                "/api/v1/process/corpus/", ["corpus": .string(scenario.corpus), "mode": "dataset", "element": folder])
            #expect(set.status == 400 && set.codes == ["no_elements"], "\(set)")
            for filter in [["name_contains": "a"], ["load_children": true], ["element_type": "page"]] as [JSONValue] {
                let body: JSONValue = ["corpus": .string(scenario.corpus), "mode": "dataset"]
                #expect(try await tester.post("/api/v1/process/corpus/", body.adding(filter)).codes == ["no_elements"])
            }
            let garbage = try await tester.get("/api/v1/process/\(try await scenario.emptyProcess())/elements/?cursor=garbage")
            #expect(garbage.status == 400 && garbage.places == ["cursor"], "\(garbage)")
        }
    }

    @Test func aProcessKeepsTheSelectionThatItWasMadeFrom() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 3)
            let whole: JSONValue = ["corpus": .string(scenario.corpus), "selection": true]
            let early = try await tester.post("/api/v1/process/corpus/", whole)
            #expect(early.status == 400 && early.codes == ["empty"] && early.places == ["selection"], "\(early)")
            let ids: JSONValue = .array(scenario.pages.prefix(2).map { .string($0) })
            _ = try await tester.post("/api/v1/elements/selection/", ["ids": ids]).expect(204)
            let process = try await tester.post("/api/v1/process/corpus/", whole).created()
            _ = try await tester.delete("/api/v1/elements/selection/", [:]).expect(204)
            func chosen() async throws -> Set<String> { Set(try await tester.get("/api/v1/process/\(process)/elements/").ids) }
            #expect(try await chosen() == Set(scenario.pages.prefix(2)))
            // Until the start it may be chosen anew, and by other means.
            _ = try await tester.post("/api/v1/elements/selection/", ["ids": [.string(scenario.pages[2])]]).expect(204)
            let changed = try await tester.patch("/api/v1/process/\(process)/", ["selection": true]).expect()
            #expect(changed["selection"] == true)
            #expect(try await chosen() == [scenario.pages[2]])
            let both = try await tester.patch("/api/v1/process/\(process)/", ["element": .string(scenario.folder)])
            #expect(both.status == 400 && both.places == ["selection"], "\(both)")
            let folder: JSONValue = ["selection": false, "element": .string(scenario.folder), "element_type": "page", "name": "All"]
            let other = try await tester.patch("/api/v1/process/\(process)/", folder).expect()
            #expect(other["selection"] == false && other["name"] == "All" && other["element"]?["id"] == .string(scenario.folder))
            #expect(try await chosen() == Set(scenario.pages))
            #expect(try await tester.value("SELECT count(*) FROM process_element") == "0")
            let narrower = try await tester.patch("/api/v1/process/\(process)/", ["element": .null, "name_contains": "2"]).expect()
            #expect(narrower["element"] == .null)
            #expect(try await chosen() == [scenario.pages[2]])
        }
    }

    /// Training: sets instead of elements, one task for each run, no activities; and the model of which its tasks make versions.
    @Test func aDatasetProcessWorksOnSets() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 2)
            let dataset = try await scenario.dataset(["train", "dev"])
            let shown = try await tester.get("/api/v1/datasets/\(dataset)/").expect()["sets"]?.list ?? []
            let sets = shown.compactMap { $0["id"]?.string }
            let model = try await tester.model("Gothic")
            let whole: JSONValue = ["corpus": .string(scenario.corpus), "mode": "dataset"]
            let process = try await tester.post("/api/v1/process/corpus/", whole).created()
            _ = try await scenario.addRun(to: process).created()
            let path = "/api/v1/process/\(process)/"
            #expect(try await tester.post(path + "start/", ["chunks": 2]).codes == ["no_sets", "not_shared"])
            let wrong = try await tester.patch(path, ["dataset_sets": [.string(sets[0]), .string(dataset)]])
            #expect(wrong.status == 400 && wrong.places == ["dataset_sets.1"], "\(wrong)")
            let given: JSONValue = ["dataset_sets": .array(sets.map { .string($0) }), "model_id": .string(model)]
            #expect(try await tester.patch(path, given).expect()["model_id"] == .string(model))
            #expect(Set(try await tester.get(path + "sets/").ids) == Set(sets))
            _ = try await tester.post(path + "start/", [:]).expect(201)
            let started = try await tester.get(path).expect()
            #expect(started["tasks"]?.list.count == 1 && started["activity_state"] == "disabled")
            #expect(try await scenario.activities(of: process) == [:])
            let task = try #require(try await scenario.claim(process))
            #expect(try await scenario.next(task).status == 404)
            try await scenario.end(task, "failed")
            try await tester.asOwner("UPDATE model SET archived = now()")
            let again = try await tester.post(path + "retry/")
            #expect(again.status == 400 && again.places == ["model_id"] && again.codes == ["archived"], "\(again)")
            try await tester.asOwner("UPDATE model SET archived = NULL")
            #expect(try await tester.post(path + "retry/").status == 200)
            let refused = try await tester.post(
                "/api/v1/process/corpus/", ["corpus": .string(scenario.corpus), "model_id": .string(model)])
            #expect(refused.status == 400 && refused.codes == ["wrong_mode"], "\(refused)")
            let made = try await tester.post("/api/v1/process/corpus/", whole.adding(given)).created()
            #expect(Set(try await tester.get("/api/v1/process/\(made)/sets/").ids) == Set(sets))
        }
    }

    /// Rule 5.5: hidden results count; without any, what has run can go.
    @Test func whatHasResultsIsNotDeleted() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            _ = try await scenario.text("a", on: scenario.pages[0], by: task)
            let path = "/api/v1/process/\(task.process)/"
            #expect(try await tester.delete(path).codes == ["wrong_state"])
            try await scenario.work(task)
            for hides in [false, true] {
                if hides {
                    try await tester.asOwner("UPDATE source SET open = false")
                    try await tester.asOwner(
                        """
                        WITH made AS (INSERT INTO deletion (tenant_id, id, corpus_id, undo_until)
                          SELECT tenant_id, gen_random_uuid(), id, now() + interval '1 day' FROM corpus RETURNING tenant_id, id, corpus_id)
                        INSERT INTO hidden_source (tenant_id, source_id, deletion_id, corpus_id, everything)
                        SELECT m.tenant_id, s.id, m.id, m.corpus_id, false FROM made m JOIN source s USING (tenant_id, corpus_id)
                        """)
                    #expect(try await tester.get("/api/v1/element/\(scenario.pages[0])/transcriptions/").ids == [])
                }
                let refused = try await tester.delete(path)
                #expect(refused.status == 409 && refused.codes == ["has_results"], "\(refused)")
                #expect(refused.json["results"] == ["transcriptions": 1])
                #expect(refused.json["worker_runs"]?[0]?["id"] == .string(task.run))
            }
            // One that ran and made nothing, and one that never ran.
            let second = try await scenario.claimed()
            try await scenario.end(second, "failed")
            let (third, _) = try await scenario.process()
            for process in [second.process, third] {
                #expect(try await tester.delete("/api/v1/process/\(process)/").status == 204)
                #expect(try await tester.get("/api/v1/process/\(process)/").status == 404)
            }
            #expect(try await tester.value("SELECT count(*) FROM worker_run") == "1")
            #expect(try await tester.value("SELECT count(*) FROM worker_activity") == "1")
        }
    }

    @Test func processesAreFiltered() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let (person, colleague) = try await tester.colleague()
            let first = try await scenario.emptyProcess(["name": "Première lecture"])
            let (second, _) = try await scenario.process()
            _ = try await tester.post("/api/v1/process/\(second)/start/", [:]).expect(201)
            let body: JSONValue = ["corpus": .string(scenario.corpus), "mode": "export"]
            let third = try await tester.post("/api/v1/process/corpus/", body, as: colleague).created()
            func list(_ query: String) async throws -> [String] { try await tester.get("/api/v1/process/?\(query)").ids }
            #expect(try await list("") == [third, second, first])
            #expect(try await list("name=LECTURE") == [first])
            #expect(try await list("name=\(second)") == [second])
            #expect(try await list("creator=\(person.text)") == [third])
            #expect(try await list("started=True") == [second])
            #expect(try await list("started=False&mode=workers") == [first])
            #expect(try await list("state=pending&corpus=\(scenario.corpus)") == [second])
            #expect(try await list("corpus=\(scenario.folder)") == [])
        }
    }
}
