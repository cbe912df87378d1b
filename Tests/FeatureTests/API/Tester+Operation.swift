import HTTPTypes
import Shapes
import Tenancy
import Web

extension Tester {
    /// Calls an operation as a client would: names of the path go there, `body` into the body, and the rest into the query.
    func call(_ operation: Web.Operation, _ input: JSONValue, as caller: Caller = .administrator) async throws -> Answer {
        try await send(operation.method, operation.path(with: input), input["body"]?.text, as: caller)
    }
}

extension Web.Operation {
    /// Whether the path names a thing.
    var takesID: Bool { path.names.contains { input[$0]?.unwrapped == .uuid } }

    /// An input that is refused for nothing but who sends it, and what its identifiers name.
    var example: JSONValue {
        switch id {
        case "ImportWorkerVersion": input.example.adding(["body": ["yaml": .string(Scenario.yaml)]])
        case "CreateIIIFURL": ["body": ["url": "https://images.example.org/iiif/2/other", "width": 10, "height": 10]]
        case "PreviewWorkerResultsDeletion": input.example.adding(["body": ["worker_run_id": .string(ID<WorkerRun>().text)]])
        case "DestroyWorkerResults": input.example.adding(["worker_run_id": .string(ID<WorkerRun>().text)])
        case "AddSelection": ["body": ["ids": [.string(ID<Element>().text)]]]
        // It ends by itself only where it is asked to.
        case "StreamJobs": ["seconds": 0]
        case "DestroyElements": input.example.adding(["type": "page"])
        case "CreateMembership":
            ["body": ["user": .string(ID<User>().text), "corpus": .string(ID<Corpus>().text), "level": 10]]
        default: input.example
        }
    }

    func path(with input: JSONValue) -> String { path.filled(with: input) }
}

extension Template {
    /// An address: names in the path are replaced, and all others but `body` are the query.
    func filled(with input: JSONValue) -> String {
        guard case .object(let members) = input else { return description }
        var filled = description
        var query: [String] = []
        for (name, value) in members.sorted(by: { $0.key < $1.key }) where name != "body" {
            if names.contains(name) {
                filled = filled.replacing("{\(name)}", with: value.string ?? value.text)
            } else {
                query.append("\(name)=\(value.string ?? value.text)")
            }
        }
        return filled + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
    }
}
