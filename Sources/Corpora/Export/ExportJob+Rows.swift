import Postgres
import Storage
import Tenancy

extension ExportJob {
    /// What is exported, and as it is at the beginning.
    struct Subject: Codable, Sendable {
        var corpus_id: ID<Corpus>
        var dataset_id: ID<Dataset>?
        var deletions: [String]
        /// Of elements; unknown for a dataset.
        var total: Int?
    }

    /// Rows of one table, as a JSON list of lists.
    struct Piece: Decodable, Sendable {
        var item: String
        var content: String?
    }

    /// Places are in hexadecimal.
    struct Places: Codable, Sendable {
        var corpus: ID<Corpus>
        var dataset: ID<Dataset>?
        var from: String
        var before: String?
        var most: Int
    }

    struct Roots: Codable, Sendable {
        var dataset: ID<Dataset>
        var after: String?
        var most: Int
    }
    struct Root: Decodable, Sendable {
        var key: String
    }
    struct Progress: Codable, Sendable {
        var job: ID<Job>
        var done: Int
        var total: Int?
    }
    struct Finish: Codable, Sendable {
        var export: ID<Export>
        var deletions: [String]
        var file: StoredFile
    }
    struct Finished: Decodable, Sendable {
        var finished: Bool
    }

    static let begin = Statement<OnlyID<Export>, Subject>(
        "begin_export", "SELECT b.corpus_id, b.dataset_id, to_jsonb(b.deletions) AS deletions, b.total FROM begin_export($id) AS b")
    static let roots = Statement<Roots, Root>(
        "export_roots", "SELECT encode(r.key, 'hex') AS key FROM export_roots($dataset, decode($after, 'hex'), $most) AS r")
    static let elements = Statement<Places, Piece>(
        "export_batch",
        """
        SELECT b.item, b.content::text AS content
        FROM export_batch($corpus, $dataset, decode($from, 'hex'), decode($before, 'hex'), $most) AS b
        """)
    static let frame = Statement<Subject, Piece>(
        "export_frame", "SELECT f.item, f.content::text AS content FROM export_frame($corpus_id, $dataset_id) AS f")
    /// Not as the engine counts: no part of an export is kept when it is tried again, so it is no sign of success.
    static let progress = Statement<Progress, NoRow>(
        "note_export_progress",
        """
        UPDATE job j SET done = $done::bigint, total = CASE WHEN $total::bigint IS NULL THEN NULL ELSE greatest($total::bigint, $done::bigint) END
        WHERE j.tenant_id = $tenant AND j.id = $job
        """)
    static let finish = Statement<Finish, Finished>(
        "finish_export", "SELECT finish_export($export, $deletions::uuid[], $file.digest, $file.md5, $file.size) AS finished")
}
