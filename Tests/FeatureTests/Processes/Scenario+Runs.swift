import Postgres
import Shapes
import Tenancy
import Testing

/// What tests of processes and worker runs are told with.
extension Scenario {
    /// Asks for a run of a version in a process; of the scenario's own version unless another is named.
    func addRun(to process: String, _ more: JSONValue = [:], as caller: Tester.Caller = .administrator) async throws -> Answer {
        let body: JSONValue = ["worker_version_id": .string(version)]
        return try await tester.post("/api/v1/process/\(process)/workers/", body.adding(more), as: caller)
    }

    /// A version of another worker, available unless the file says otherwise.
    func otherVersion(_ slug: String, _ more: String = "") async throws -> (worker: String, version: String) {
        let worker = try await tester.post(
            "/api/v1/workers/", ["name": .string(slug), "slug": .string(slug), "type": "recognizer"]
        ).created()
        let yaml = Self.yaml.replacing("slug: reader", with: "slug: \(slug)") + more
        return (worker, try await tester.version(of: worker, yaml))
    }

    /// A folder of its own with this many pages.
    func volume(_ size: Int) async throws -> String {
        let folder = try await tester.element(corpus, "folder", "Another volume")
        for number in 0..<size {
            _ = try await tester.element(corpus, "page", "\(number)", ["parent": .string(folder), "image": .string(image)])
        }
        return folder
    }

    func state(of process: String) async throws -> String? {
        try await tester.get("/api/v1/process/\(process)/").expect()["state"]?.string
    }

    /// How many worker runs a process has.
    func runs(of process: String) async throws -> Int? {
        try await tester.get("/api/v1/process/\(process)/workers/").expect()["count"]?.int
    }

    /// How many activities of a process are in each state, over all its runs.
    func activities(of process: String) async throws -> [String: Int] {
        let runs = try await tester.get("/api/v1/process/\(process)/activity-stats/").expect().list
        var counts: [String: Int] = [:]
        for state in ["queued", "started", "processed", "error"] {
            counts[state] = runs.compactMap { $0[state]?.int }.reduce(0, +)
        }
        return counts.filter { $0.value > 0 }
    }

    func claim(_ process: String) async throws -> Claimed? {
        let task = try await tester.post("/api/v1/agent/claim/", ["process": .string(process)])
        guard task.status == 200 else { return nil }
        return Claimed(
            process: process, run: try #require(task.json["worker_run_id"]?.string), task: try #require(task.id),
            token: try #require(task.json["token"]?.string))
    }

    func next(_ task: Claimed) async throws -> Answer {
        try await tester.post("/api/v1/process/start-activity/", as: task.caller)
    }

    @discardableResult
    func report(_ element: String, _ state: String, by task: Claimed) async throws -> Answer {
        let body: JSONValue = ["element_id": .string(element), "process_id": .string(task.process), "state": .string(state)]
        return try await tester.put("/api/v1/workers/versions/\(task.run)/activity/", body, as: task.caller)
    }

    @discardableResult
    func end(_ task: Claimed, _ state: String = "completed") async throws -> Answer {
        try await tester.patch("/api/v1/task/\(task.task)/", ["state": .string(state)], as: task.caller)
    }

    /// Works through the queue of a task and ends it.
    func work(_ task: Claimed) async throws {
        while let element = try await next(task).id { try await report(element, "processed", by: task) }
        try await end(task)
    }
}

extension Tester {
    /// A version of a new model, available and tagged unless said otherwise.
    func modelVersion(_ name: String, state: String = "available") async throws -> (model: String, version: String) {
        let model = try await model(name)
        let version = try await modelVersion(of: model, ["tag": "first"])
        try await asOwner("UPDATE model_version SET state = $1 WHERE id = $2", [.text(state), .text(version)])
        return (model, version)
    }

    /// Gives a person a level on a corpus, worker or model.
    func member(_ person: ID<User>, of kind: String, _ id: String, level: Int) async throws {
        try await asOwner(
            "INSERT INTO membership (tenant_id, id, user_id, \(kind)_id, level) VALUES ($1, uuid7(), $2, $3, $4::text::smallint)",
            [tenant.parameter, person.parameter, .text(id), .text("\(level)")])
    }

    /// A person who signs in with a token.
    func colleague(_ email: String = "colleague@example.org") async throws -> (id: ID<User>, caller: Caller) {
        let person = try await person(email)
        return (person, .token(try await token(of: person)))
    }
}
