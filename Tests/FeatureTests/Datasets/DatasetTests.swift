import Postgres
import Shapes
import Tenancy
import Testing

@testable import Server

/// Datasets, their sets and their elements: contract 4.5.
@Suite struct DatasetTests {
    @Test func aDatasetHasItsSetsInTheOrderThatWasGiven() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 0)
            let list = "/api/v1/corpus/\(scenario.corpus)/datasets/"
            let body: JSONValue = ["name": "Hands", "description": "All", "set_names": ["train", "dev", "a test"]]
            let made = try await tester.post(list, body).expect(201)
            #expect(made["sets"]?.list.compactMap { $0["name"] } == ["train", "dev", "a test"])
            #expect(made["corpus_id"] == .string(scenario.corpus) && made["unique_elements"] == true)
            let dataset = try #require(made["id"]?.string)
            #expect(try await tester.get("/api/v1/datasets/\(dataset)/").expect() == made)
            #expect(try await tester.get("\(list)?name=hand").ids == [dataset])
            // The name's words are those that clients look for.
            let twin = try await tester.post(list, body)
            let taken = "A dataset with this name already exists in this corpus"
            #expect(twin.status == 400 && twin.json["non_field_errors"]?[0]?.string?.contains(taken) == true, "\(twin)")
            for names in [[], ["a", "a"], [""], [.integer(1)]] as [[JSONValue]] {
                let answer = try await tester.post(list, ["name": "Other", "set_names": .array(names)])
                #expect(answer.status == 400 && answer.places.first?.hasPrefix("set_names") == true, "\(answer)")
            }
            let set = try await tester.get("/api/v1/datasets/\(dataset)/sets/a%20test/").expect()
            #expect(set == made["sets"]?[2])
            #expect(try await tester.get("/api/v1/datasets/\(dataset)/sets/other/").status == 404)
        }
    }

    @Test func setsAreAddedRenamedAndRemoved() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let dataset = try await scenario.dataset(["train"])
            let path = "/api/v1/datasets/\(dataset)/sets/"
            #expect(try await tester.delete("\(path)train/").codes == ["last_set"])
            #expect(try await tester.post(path, ["name": "dev"]).status == 201)
            #expect(try await tester.post(path, ["name": "dev"]).status == 400)
            #expect(try await tester.patch("\(path)dev/", ["name": "val"]).expect()["name"] == "val")
            #expect(try await tester.patch("\(path)val/", ["name": "train"]).status == 400)
            try await scenario.put(scenario.pages[0], into: "val", of: dataset)
            #expect(try await tester.delete("\(path)val/").status == 204)
            #expect(try await tester.get("/api/v1/datasets/\(dataset)/elements/").ids == [])
            #expect(try await tester.get("/api/v1/element/\(scenario.pages[0])/").status == 200)
        }
    }

    @Test func elementsComeSetBySetAndPageByPage() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 5)
            let dataset = try await scenario.dataset(["train", "dev"])
            for (number, page) in scenario.pages.enumerated() {
                try await scenario.put(page, into: number < 3 ? "train" : "dev", of: dataset)
            }
            _ = try await scenario.text("Jeanne", on: scenario.pages[0])
            let path = "/api/v1/datasets/\(dataset)/elements/"
            var seen: [String] = []
            var next: String? = "\(path)?page_size=2&with_count=true"
            var first: JSONValue?
            while let address = next {
                let answer = try await tester.get(address)
                let page = try answer.expect()
                first = first ?? page
                seen += page["results"]?.list.compactMap { $0["element"]?["id"]?.string } ?? []
                next = answer.next
            }
            #expect(seen == scenario.pages && first?["count"] == 5)
            #expect(first?["results"]?[0]?["element"]?["transcriptions"]?[0]?["text"] == "Jeanne")
            let dev = try await tester.get("\(path)?set=dev&with_count=True").expect()
            #expect(dev["count"] == 2 && dev["results"]?.list.allSatisfy { $0["set"] == "dev" } == true)
            #expect(try await tester.get("\(path)?cursor=x").places == ["cursor"])
            let set = try #require(try await tester.get("/api/v1/datasets/\(dataset)/sets/train/").expect()["id"])
            let body: JSONValue = ["corpus": .string(scenario.corpus), "mode": "dataset", "dataset_sets": [set]]
            let process = try await tester.post("/api/v1/process/corpus/", body).created()
            #expect(try await tester.get("/api/v1/process/\(process)/elements/").ids == Array(scenario.pages.prefix(3)))
            let element = "\(path)\(scenario.pages[0])/"
            #expect(try await tester.delete("\(element)?set=dev").status == 404)
            #expect(try await tester.delete("\(element)?set=train").status == 204)
            #expect(try await tester.delete("\(element)?set=train").status == 404)
            #expect(try await tester.delete(element).places == ["set"])
        }
    }

    @Test func anElementIsInOneSetUnlessTheDatasetAllowsMore() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 2)
            let dataset = try await scenario.dataset(["train", "dev"])
            let path = "/api/v1/datasets/\(dataset)/elements/"
            let page = scenario.pages[0]
            let answers = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<8 {
                    let body: JSONValue = ["set": number % 2 == 0 ? "train" : "dev", "element_id": .string(page)]
                    group.addTask { try await tester.post(path, body).status }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.filter { $0 == 201 }.count == 1 && answers.filter { $0 == 400 }.count == 7, "\(answers)")
            #expect(try await tester.patch("/api/v1/datasets/\(dataset)/", ["unique_elements": false]).expect()["unique_elements"] == false)
            let sets = try await tester.get(path).expect()["results"]?.list.compactMap { $0["set"]?.string } ?? []
            try await scenario.put(page, into: sets == ["train"] ? "dev" : "train", of: dataset)
            // The same set twice is refused either way.
            #expect(try await tester.post(path, ["set": "dev", "element_id": .string(page)]).status == 400)
            let refused = try await tester.patch("/api/v1/datasets/\(dataset)/", ["unique_elements": true, "name": "Other"])
            #expect(refused.status == 400 && refused.places == ["unique_elements"], "\(refused)")
            #expect(try await tester.get("/api/v1/datasets/\(dataset)/").expect()["name"] == "Hands")
            #expect(try await tester.delete("\(path)\(page)/?set=dev").status == 204)
            #expect(try await tester.patch("/api/v1/datasets/\(dataset)/", ["unique_elements": true]).status == 200)
            #expect(try await tester.post(path, ["set": "dev", "element_id": .string(page)]).status == 400)
        }
    }

    /// A person who chooses an element for training has worked on it; a task has not.
    @Test func whatAPersonPutsIntoADatasetIsKept() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            let lines = try await scenario.lines(2, below: scenario.pages[0], by: task)
            let dataset = try await scenario.dataset(["train"])
            let path = "/api/v1/datasets/\(dataset)/elements/"
            #expect(try await tester.post(path, ["set": "train", "element_id": .string(lines[0])], as: task.caller).status == 201)
            #expect(try await tester.value("SELECT kept FROM element WHERE id = $1", [.text(lines[0])]) == "f")
            try await scenario.put(lines[1], into: "train", of: dataset)
            #expect(try await tester.value("SELECT kept FROM element WHERE id = $1", [.text(lines[1])]) == "t")
        }
    }

    @Test func onlyElementsOfTheSameCorpusGoIntoExistingSets() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let dataset = try await scenario.dataset(["train"])
            let elsewhere = try await tester.post("/api/v1/corpus/", ["name": "Other"]).created()
            let foreign = try await tester.element(elsewhere, "page", "1")
            let path = "/api/v1/datasets/\(dataset)/elements/"
            let wrong = try await tester.post(path, ["set": "train", "element_id": .string(foreign)])
            #expect(wrong.status == 400 && wrong.places == ["element_id"], "\(wrong)")
            let missing = try await tester.post(path, ["set": "dev", "element_id": .string(scenario.pages[0])])
            #expect(missing.status == 400 && missing.places == ["set"], "\(missing)")
        }
    }

    @Test func guestsReadContributorsWriteAndAdministratorsDelete() async throws {
        try await Tester.with(.enterprise) { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let dataset = try await scenario.dataset(["train", "dev"])
            let path = "/api/v1/datasets/\(dataset)/"
            let element: JSONValue = ["set": "train", "element_id": .string(scenario.pages[0])]
            let stranger = try await scenario.member("stranger@example.org", level: nil)
            #expect(try await tester.get(path, as: stranger).status == 404)
            let guest = try await scenario.member("guest@example.org", level: 10)
            #expect(try await tester.get("\(path)elements/", as: guest).status == 200)
            #expect(try await tester.post("\(path)elements/", element, as: guest).status == 403)
            #expect(try await tester.patch(path, ["name": "a"], as: guest).status == 403)
            let contributor = try await scenario.member("contributor@example.org", level: 50)
            #expect(try await tester.post("\(path)elements/", element, as: contributor).status == 201)
            #expect(try await tester.patch(path, ["name": "a"], as: contributor).status == 200)
            #expect(try await tester.delete(path, as: contributor).status == 403)
            #expect(try await tester.delete("\(path)sets/dev/", as: contributor).status == 403)
            #expect(try await tester.delete(path).status == 204)
            #expect(try await tester.value("SELECT count(*) FROM dataset_element") == "0")
        }
    }

    @Test func theSetsOfAStartedProcessStay() async throws {
        try await Tester.with { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let dataset = try await scenario.dataset(["train", "dev"])
            let process = try await scenario.process(on: dataset)
            let sets = try await tester.get("/api/v1/process/\(process)/sets/").expect()
            #expect(sets["count"] == 2 && sets["results"]?[0]?["set_name"] == "train")
            #expect(sets["results"]?[0]?["dataset"]?["sets"]?.list.count == 2)
            try await tester.asOwner("UPDATE process SET state = 'completed', started = now() WHERE id = $1", [.text(process)])
            for path in ["/api/v1/datasets/\(dataset)/", "/api/v1/datasets/\(dataset)/sets/dev/"] {
                #expect(try await tester.delete(path).codes == ["in_use"])
            }
            try await tester.asOwner("UPDATE process SET state = 'unstarted', started = NULL WHERE id = $1", [.text(process)])
            #expect(try await tester.delete("/api/v1/datasets/\(dataset)/").status == 204)
            #expect(try await tester.get("/api/v1/process/\(process)/sets/").expect()["count"] == 0)
        }
    }

    /// Rules 1.3 and 3.4: whoever starts it answers for the versions that its tasks make, and an archived model gets none.
    @Test func aProcessTrainsOnlyAModelThatItsStarterMayMakeVersionsOf() async throws {
        try await Tester.with(.enterprise) { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let dataset = try await tester.get("/api/v1/datasets/\(try await scenario.dataset(["train"]))/").expect()
            let model = try await tester.model("Letters")
            let body: JSONValue = [
                "corpus": .string(scenario.corpus), "mode": "dataset", "model_id": .string(model),
                "dataset_sets": [dataset["sets"]?[0]?["id"] ?? .null],
            ]
            let process = try await tester.post("/api/v1/process/corpus/", body).created()
            _ = try await tester.post("/api/v1/process/\(process)/workers/", ["worker_version_id": .string(scenario.version)]).created()
            _ = try await tester.patch("/api/v1/model/\(model)/", ["archived": true]).expect()
            let archived = try await tester.post("/api/v1/process/\(process)/start/", [:])
            #expect(archived.status == 400 && archived.codes == ["archived"] && archived.places == ["model_id"], "\(archived)")
            _ = try await tester.patch("/api/v1/model/\(model)/", ["archived": false]).expect()
            // Administers the corpus and may use the worker, but is a stranger to the model.
            let other = try await scenario.member("other@example.org", level: 100)
            try await tester.asOwner(
                """
                INSERT INTO membership (tenant_id, id, user_id, worker_id, level)
                SELECT tenant_id, uuid7(), id, $1, 50 FROM user_account WHERE email = 'other@example.org'
                """, [.text(scenario.worker)])
            let refused = try await tester.post("/api/v1/process/\(process)/start/", [:], as: other)
            #expect(refused.status == 403 && refused.places == ["model_id"] && !refused.text.contains("Letters"), "\(refused)")
            #expect(try await tester.post("/api/v1/process/\(process)/start/", [:]).status == 201)
        }
    }
}

extension Scenario {
    func dataset(_ sets: [String]) async throws -> String {
        try await tester.post(
            "/api/v1/corpus/\(corpus)/datasets/", ["name": "Hands", "set_names": .array(sets.map { .string($0) })]
        ).created()
    }

    func put(_ element: String, into set: String, of dataset: String) async throws {
        _ = try await tester.post("/api/v1/datasets/\(dataset)/elements/", ["set": .string(set), "element_id": .string(element)]).expect(
            201)
    }

    /// A process that was given all sets of a dataset.
    func process(on dataset: String) async throws -> String {
        let process = try await emptyProcess()
        try await tester.asOwner(
            """
            WITH given AS (UPDATE process SET mode = 'dataset', element_id = NULL WHERE id = $1)
            INSERT INTO process_set (tenant_id, process_id, set_id) SELECT s.tenant_id, $1, s.id FROM dataset_set s WHERE s.dataset_id = $2
            """, [.text(process), .text(dataset)])
        return process
    }

    /// Somebody with this level on the corpus, or none.
    func member(_ email: String, level: Int?) async throws -> Tester.Caller {
        let person = try await tester.person(email)
        if let level {
            try await tester.asOwner(
                "INSERT INTO membership (tenant_id, id, user_id, corpus_id, level) VALUES ($1, uuid7(), $2, $3, $4)",
                [tester.tenant.parameter, person.parameter, .text(corpus), .text("\(level)")])
        }
        return .token(try await tester.token(of: person))
    }
}
