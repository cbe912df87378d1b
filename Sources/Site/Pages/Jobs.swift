import Shapes
import Web

extension Page {
    /// Background work.
    static let jobs = Page("/jobs", "jobs") { visit in
        let answer = try await visit.ask("ListJobs", ["page": .integer(visit.page), "page_size": 50])
        let jobs = answer["results"]?.items ?? []
        return [
            "title": .string(visit.shell.word("jobs")), "in_jobs": true, "none": .boolean(jobs.isEmpty),
            "here": .string(visit.address(replacing: [:])), "pages": visit.pages(answer),
            "every": every(jobs), "jobs": .array(jobs.map(shown)),
        ]
    }

    /// How often the page asks again: a purge may wait for a day before it begins.
    private static func every(_ jobs: [JSONValue]) -> JSONValue {
        if jobs.contains(where: { $0["state"] == "running" || ($0["state"] == "queued" && !isDeletion($0)) }) { return "2s" }
        return jobs.contains { $0["state"] == "queued" } ? "30s" : .null
    }

    /// Nobody cancels a deletion here: it is undone where it is shown.
    private static func shown(_ job: JSONValue) -> JSONValue {
        let state = job["state"]?.string
        let isKept = isDeletion(job) && ["queued", "running", "failed"].contains(state)
        let project = isKept ? job["corpus"]?.string : nil
        return job.adding([
            "can_cancel": .boolean(["queued", "running"].contains(state)),
            "deletions": project.map { .string("/projects/\($0)/deletions") } ?? .null,
        ])
    }

    private static func isDeletion(_ job: JSONValue) -> Bool { ["purge", "mark_deleted"].contains(job["kind"]?.string) }
}

extension Form {
    static let destroyJob = Form("/jobs", on: .jobs) { visit, fields in
        _ = try await visit.ask("DestroyJob", ["id": .string(fields["job"] ?? "")])
        return Done(location: "/jobs")
    }
}
