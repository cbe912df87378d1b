import Shapes
import Web

extension Page {
    /// Background work.
    static let jobs = Page("/jobs", "jobs") { visit in
        let answer = try await visit.ask("ListJobs", ["page": .integer(visit.page), "page_size": 50])
        let jobs = answer["results"]?.items ?? []
        return [
            "title": .string(visit.shell.word("jobs")), "in_jobs": true, "none": .boolean(jobs.isEmpty),
            "here": .string(visit.here),
            "live": .boolean(jobs.contains { ["queued", "running"].contains($0["state"]?.string) }),
            "jobs": .array(jobs.map { $0.adding(["can_cancel": .boolean(["queued", "running"].contains($0["state"]?.string))]) }),
        ]
    }
}

extension Form {
    static let destroyJob = Form("/jobs", on: .jobs) { visit, fields in
        _ = try await visit.ask("DestroyJob", ["id": .string(fields["job"] ?? "")])
        return Done(location: "/jobs")
    }
}
