import HTTPTypes
import Postgres
import Storage
import Tenancy
import Web

extension ExportRow {
    struct Address: Decodable, Sendable {
        var url: String
    }
    struct Found: Decodable, Sendable {
        var digest: String?
        var name: String?
    }

    private static let columns = """
        x.id, x.corpus_id, x.dataset_id, export_state(x) AS state, 'default' AS source, x.size, x.created, x.updated,
          (SELECT j.error FROM job j WHERE j.tenant_id = $tenant AND j.id = x.job_id) AS error,
          x.digest IS NOT NULL AND x.deletions <> standing_deletions(x.corpus_id) AS outdated,
          (SELECT jsonb_build_object('id', u.id, 'email', u.email, 'display_name', u.display_name) FROM user_account u
            WHERE u.tenant_id = $tenant AND u.id = x.creator_id) AS "user"
        """
    private static let matching = """
        FROM corpus_export x WHERE x.tenant_id = $tenant AND x.corpus_id = $id AND ($dataset_id::uuid IS NULL OR x.dataset_id = $dataset_id::uuid)
        """
    static let list = Statement<ListExports, ExportRow>(
        "list_exports", "SELECT \(columns) \(matching) ORDER BY x.created DESC, x.id DESC LIMIT $limit OFFSET $offset")
    static let count = Statement<ListExports, Count>("count_exports", "SELECT count(*) \(matching)")
    static let start = Statement<StartExport, OnlyID<Export>>("start_export", "SELECT start_export($id, $body.dataset_id) AS id")
    static let retrieve = Statement<OnlyID<Export>, ExportRow>(
        "retrieve_export", "SELECT \(columns) FROM corpus_export x WHERE x.tenant_id = $tenant AND x.id = $id")
    static let locate = Statement<OnlyID<Export>, Address>("locate_export", "SELECT locate_export($id) AS url")
    static let find = Statement<OnlyID<Export>, Found>("find_export", "SELECT f.digest, f.name FROM find_export($id) AS f")
    static let forget = Statement<NoInput, NoRow>("forget_old_exports", "SELECT forget_old_exports()")

    static let operations: [Operation] = [
        Operation(
            "ListExports", "/api/v1/corpus/{id}/export/", "The exports of a project, the newest first",
            rule: .level(.guest, on: .corpus, \.id), page: list, count: count),
        Operation(
            "StartExport", .post, "/api/v1/corpus/{id}/export/", "Have a project or a dataset exported",
            rule: .level(.contributor, on: .corpus, \.id), status: .created
        ) { (input: StartExport, scope: Scope) -> Reply<ExportRow> in
            guard let export = try await scope.first(start, input) else { throw Problem.notFound }
            return try .row(await scope.rows(retrieve, export))
        },
        Operation(
            "DownloadExport", .get, "/api/v1/export/{id}/", "The address of an export that is done",
            rule: .level(.guest, on: .export, \.id), status: .found
        ) { (input: OnlyID<Export>, scope: Scope) -> Reply<Nothing> in
            guard let address = try await scope.first(locate, input) else { throw Problem.notFound }
            return Reply(.found, headers: [.location: address.url])
        },
    ]

    static let transfers: [Transfer] = [
        .download("GiveExport", "/api/v1/export/{id}/file/", "An export", gate: .capability(for: "export", on: \.id.text)) {
            (input: OnlyID<Export>, scope: Scope, _: FileStore) in
            guard let found = try await scope.first(find, input), let digest = found.digest else { throw Problem.notFound }
            return .stored(digest, contentType: "application/vnd.sqlite3", fileName: "\(found.name ?? "export").sqlite")
        }
    ]
}
