import Jobs
import Postgres
import Tenancy

/// Removes in the background what a deletion has hidden, at a pace that nobody notices.
enum Purge {
    struct Arguments: Codable, Sendable {
        var deletion: ID<WorkerResultsDeletion>
    }

    static let kind = JobKind("purge") { (arguments: Arguments, job: RunningJob) in
        let beginning = Beginning(deletion: arguments.deletion, job: job.id)
        guard try await job.first(begin, beginning)?.begun == true else { return }
        try await job.inBatches { most in
            try await job.first(batch, Batch(deletion: arguments.deletion, job: job.id, most: most))?.finished == false
        }
    }

    /// Brings a purge forward: what could still be undone cannot any more.
    static func now(_ deletion: ID<WorkerResultsDeletion>, _ scope: Scope) async throws {
        _ = try await scope.rows(bringForward, OnlyDeletionID(id: deletion))
    }
}

extension Purge {
    struct Beginning: Codable, Sendable {
        var deletion: ID<WorkerResultsDeletion>
        var job: ID<Job>
    }
    struct Begun: Codable, Sendable { var begun: Bool }

    struct Batch: Codable, Sendable {
        var deletion: ID<WorkerResultsDeletion>
        var job: ID<Job>
        var most: Int
    }
    struct Done: Codable, Sendable {
        var objects: Int
        var finished: Bool
    }

    struct OnlyDeletionID: Codable, Sendable {
        var id: ID<WorkerResultsDeletion>
    }

    static let begin = Statement<Beginning, Begun>("begin_purge", "SELECT begin_purge($deletion, $job) AS begun")
    static let batch = Statement<Batch, Done>("purge_batch", "SELECT * FROM purge_batch($deletion, $job, $most::integer)")
    static let bringForward = Statement<OnlyDeletionID, NoRow>("purge_now", "SELECT purge_now($id)")
}
