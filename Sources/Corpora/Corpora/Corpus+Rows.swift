import Postgres
import Shapes
import Tenancy

/// A corpus, which people call a project.
struct CorpusRow: Decodable, Sendable {
    var id: ID<Corpus>
    var name: String
    var description: String
    var `public`: Bool
    var rights: [String]
    var created: String
    var types: [ElementTypeRow]
}

struct ListCorpora: Codable, Sendable {
    /// Only those in which this worker run has results.
    var worker_run: ID<WorkerRun>?
}

struct CreateCorpus: Codable, Sendable {
    struct Content: Codable, Sendable {
        var name: Name
        var description: String?
        var `public`: Bool?
    }
    var body: Content
}

extension CorpusRow {
    private static let columns = """
        c.id, c.name, c.description, c.public,
          rights_of(corpus_level(c.id)) AS rights,
          c.created,
          coalesce((SELECT jsonb_agg(jsonb_build_object('id', t.id, 'slug', t.slug, 'display_name', t.display_name, 'folder', t.folder,
            'color', t.color) ORDER BY t.number) FROM element_type t WHERE t.tenant_id = $tenant AND t.corpus_id = c.id), '[]') AS types
        """

    static let retrieve = Statement<OnlyID<Corpus>, CorpusRow>(
        "retrieve_corpus", "SELECT \(columns) FROM corpus c WHERE c.tenant_id = $tenant AND c.id = $id")

    /// Never paged: clients take the answer as a plain list.
    static let list = Statement<ListCorpora, CorpusRow>(
        "list_corpus",
        """
        SELECT \(columns) FROM corpus c WHERE c.tenant_id = $tenant AND ($worker_run::uuid IS NULL OR c.id IN (
          SELECT s.corpus_id FROM source s JOIN result_count k ON k.tenant_id = $tenant AND k.source_id = s.id AND k.n > 0
          WHERE s.tenant_id = $tenant AND s.worker_run_id = $worker_run::uuid AND s.id <> ALL (hidden_sources())))
        ORDER BY lower(c.name), c.id
        """)

    /// With the six types that every corpus starts with, and its maker as administrator.
    static let create = Statement<CreateCorpus, NoRow>(
        "create_corpus",
        """
        WITH made AS (
          INSERT INTO corpus (tenant_id, id, name, description, public, creator_id)
          VALUES ($tenant, $id, $body.name, coalesce($body.description, ''), coalesce($body.public::boolean, false), own_user())
        ), types AS (
          INSERT INTO element_type (tenant_id, id, corpus_id, number, slug, display_name, folder)
          SELECT $tenant, uuid7(), $id, number, slug, display_name, slug = 'folder' FROM (VALUES
            (1, 'folder', 'Folder'), (2, 'page', 'Page'), (3, 'paragraph', 'Paragraph'), (4, 'text_line', 'Text line'),
            (5, 'text_zone', 'Text zone'), (6, 'word', 'Word')) AS standard (number, slug, display_name)
        )
        INSERT INTO membership (tenant_id, id, user_id, corpus_id, level) SELECT $tenant, uuid7(), own_user(), $id, 100
        WHERE own_user() IS NOT NULL
        """)
}
