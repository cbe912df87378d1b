import NIOCore
import Shapes
import Web

extension Form {
    /// A worker, called in addresses as it is called unless something else is given.
    static let createWorker = Form("/workers", on: .workers) { visit, fields in
        let words = (fields["name"] ?? "").lowercased().split { !$0.isASCII || !($0.isLetter || $0.isNumber) }
        let body = fields.json("name", "type", "description")
            .adding(["slug": .string(fields["slug"] ?? words.joined(separator: "-"))])
        let made = try await visit.ask("CreateWorker", ["body": body])
        return Done(location: "/workers/\(made["id"]?.string ?? "")")
    }

    /// A version from the file that describes it.
    static let importVersion = Form(withFiles: "/workers/{id}/versions", on: .worker) { visit, fields, files in
        guard let file = try await files.nextFile() else {
            throw Problem.invalid("file", visit.shell.word("choose_a_worker_file"))
        }
        let yaml = String(buffer: try await file.body.collect(upTo: 1 << 20))
        let body = fields.json("docker_image_iid", "tag").adding(["yaml": .string(yaml)])
        _ = try await visit.ask("ImportWorkerVersion", ["id": visit.id, "body": body])
        return Done(location: "/workers/\(visit.path["id"] ?? "")")
    }
}

extension Visit {
    /// Whether the visitor may make workers and versions of those that are theirs.
    var mayMakeWorkers: Bool { user["can_create_workers"] == true || user["is_admin"] == true }
}
