import HTTPTypes
import Postgres
import Tenancy
import Web

extension JobRow {
    static let operations: [Operation] = [
        Operation(
            "ListJobs", "/api/v1/jobs/", "Background work that the caller may see, the newest first", rule: .person.own, page: list,
            count: count),
        Operation(
            "RetrieveJob", .get, "/api/v1/jobs/{id}/", "A piece of background work, and how far it is",
            rule: .level(.guest, on: .job, \.id),
            one: retrieve),
        Operation(
            "DestroyJob", .delete, "/api/v1/jobs/{id}/", "Cancel a job that waits or runs, dismiss one that has ended",
            rule: .level(.admin, on: .job, \.id), nothing: destroy),
    ]
}
