import Jobs
import Postgres
import Tenancy

/// Marks in the background what a deletion of very many elements is to hide. Nobody sees any of it; the last batch hides it all at once.
enum Marking {
    struct Arguments: Codable, Sendable {
        var deletion: ID<WorkerResultsDeletion>
    }

    struct Batch: Codable, Sendable {
        var deletion: ID<WorkerResultsDeletion>
        var job: ID<Job>
        var most: Int
    }
    struct Done: Codable, Sendable {
        var objects: Int
        var finished: Bool
    }

    static let batch = Statement<Batch, Done>("mark_batch", "SELECT * FROM mark_batch($deletion, $job, $most::integer)")

    static let kind = JobKind("mark_deleted") { (arguments: Arguments, job: RunningJob) in
        // Nobody can write in the corpus meanwhile.
        try await job.inBatches(longest: .milliseconds(50)) { most in
            try await job.first(batch, Batch(deletion: arguments.deletion, job: job.id, most: most))?.finished == false
        }
    }
}
