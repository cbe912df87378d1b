import Postgres
import Shapes
import Tenancy
import Web

/// In what order a list of elements comes.
enum ElementOrder: String, Codable, Sendable, CaseIterable, Described {
    case position, name, random
    static let sample = ElementOrder.position
}

/// What `ListElements` may be asked with.
struct ListElements: Codable, Sendable, Paged {
    var corpus: ID<Corpus>
    var type: String?
    var name: String?
    var folder: Bool?
    var top_level: Bool?
    var worker_run: RunFilter?
    var worker_version: RunFilter?
    var transcription_worker_run: RunFilter?
    var transcription_worker_version: RunFilter?
    /// Carries any result of this run; with False any by hand.
    var results_of: RunFilter?
    /// Is classified so, and not rejected.
    var ml_class: ID<MLClass>?
    /// Has a metadata of this name, and with a value also of this value.
    var metadata_name: String?
    var metadata_value: String?
    /// At least this sure.
    var confidence: Confidence?
    var creator: ID<User>?
    var order: ElementOrder?
    var with_classes: Bool?
    var with_corpus: Bool?
    var with_metadata: Bool?
    var with_has_children: Bool?
    var with_zone: Bool?
    var page: Int?
    var page_size: Int?
}

/// What lists around one element may be asked with.
struct ListRelatives: Codable, Sendable, Paged {
    var id: ID<Element>
    var type: String?
    var name: String?
    var folder: Bool?
    var recursive: Bool?
    var worker_run: RunFilter?
    var worker_version: RunFilter?
    var transcription_worker_run: RunFilter?
    var transcription_worker_version: RunFilter?
    /// Carries any result of this run; with False any by hand.
    var results_of: RunFilter?
    /// Is classified so, and not rejected.
    var ml_class: ID<MLClass>?
    /// Has a metadata of this name, and with a value also of this value.
    var metadata_name: String?
    var metadata_value: String?
    /// At least this sure.
    var confidence: Confidence?
    var creator: ID<User>?
    var order: ElementOrder?
    var with_classes: Bool?
    var with_corpus: Bool?
    var with_metadata: Bool?
    var with_has_children: Bool?
    var with_zone: Bool?
    var page: Int?
    var page_size: Int?
}

/// The statements of element lists. Ids are chosen first, by an index; only those of the page are then decorated.
enum ElementList {
    /// - Parameter chosen: SQL that returns `id` and `place` (the order) of the page's elements.
    static func decorated(_ chosen: String) -> String {
        """
        WITH chosen AS MATERIALIZED (\(chosen))
        SELECT \(ElementSQL.summary), \(ElementSQL.thumbnail),
          CASE WHEN $with_corpus::boolean THEN \(ElementSQL.corpus) END AS corpus,
          CASE WHEN coalesce($with_zone::boolean, true) THEN \(ElementSQL.zone) END AS zone,
          CASE WHEN $with_has_children::boolean
            THEN EXISTS (SELECT FROM element_path p JOIN element below ON below.tenant_id = $tenant AND below.id = p.element_id
              WHERE p.tenant_id = $tenant AND p.parent_id = e.id) END AS has_children,
          CASE WHEN $with_classes::boolean THEN \(ElementSQL.classifications) END AS classes,
          CASE WHEN $with_metadata::boolean THEN \(ElementSQL.metadata) END AS metadata
        FROM chosen JOIN element e ON e.tenant_id = $tenant AND e.id = chosen.id \(ElementSQL.joins)
        ORDER BY chosen.place, e.id
        """
    }

    /// Conditions on `e` and its type `t` that every list knows. Each is true when its parameter was not given.
    private static let filters = """
        ($type::text IS NULL OR t.slug = lower($type))
          AND ($name::text IS NULL OR position(lower($name) IN lower(e.name)) > 0)
          AND ($folder::boolean IS NULL OR t.folder = $folder::boolean)
          AND \(made(by: "worker_run", "e.source_id", "e.detached_from"))
          AND \(made(byVersion: "worker_version", "e.source_id"))
          AND ($transcription_worker_run::text IS NULL OR EXISTS (SELECT FROM transcription r
            WHERE r.tenant_id = $tenant AND r.element_id = e.id AND \(made(by: "transcription_worker_run", "r.source_id", "r.detached_from"))))
          AND ($transcription_worker_version::text IS NULL OR EXISTS (SELECT FROM transcription r
            WHERE r.tenant_id = $tenant AND r.element_id = e.id AND \(made(byVersion: "transcription_worker_version", "r.source_id"))))
          AND ($results_of::text IS NULL OR \(resultKinds.map { kind in
            """
            EXISTS (SELECT FROM \(kind) r WHERE r.tenant_id = $tenant AND r.element_id = e.id AND \(made(by: "results_of", "r.source_id", "r.detached_from")))
            """ }.joined(separator: " OR ")))
          AND ($ml_class::uuid IS NULL OR EXISTS (SELECT FROM classification r WHERE r.tenant_id = $tenant AND r.ml_class_id = $ml_class::uuid
            AND r.element_id = e.id AND r.state <> 'rejected'))
          AND ($metadata_name::text IS NULL AND $metadata_value::text IS NULL OR EXISTS (SELECT FROM metadata r WHERE r.tenant_id = $tenant
            AND r.element_id = e.id AND ($metadata_name::text IS NULL OR r.name = $metadata_name) AND ($metadata_value::text IS NULL OR r.value = $metadata_value)))
          AND ($confidence::real IS NULL OR e.confidence >= $confidence::real)
          AND ($creator::uuid IS NULL OR e.creator_id = $creator::uuid)
        """

    /// The tables of what can stand on an element.
    private static let resultKinds = ["transcription", "classification", "metadata", "transcription_entity", "embedding"]

    /// What a run made, with True what any run made, or with False what nobody's run made or no run is left of.
    static func made(by parameter: String, _ source: String, _ detached: String) -> String {
        """
        ($\(parameter)::text IS NULL OR CASE $\(parameter) WHEN 'false' THEN \(source) = 0 OR \(source) = ANY (hidden_sources())
          WHEN 'true' THEN \(source) <> 0 AND \(source) <> ALL (hidden_sources())
          ELSE \(source) <> ALL (hidden_sources()) AND \(source) = ANY (ARRAY(SELECT s.id FROM source s
            WHERE s.tenant_id = $tenant AND s.worker_run_id = nullif(nullif($\(parameter), 'false'), 'true')::uuid)) END)
        """
    }

    static func made(byVersion parameter: String, _ source: String) -> String {
        """
        ($\(parameter)::text IS NULL OR CASE $\(parameter) WHEN 'false' THEN \(source) = 0 OR \(source) = ANY (hidden_sources())
          WHEN 'true' THEN \(source) <> 0 AND \(source) <> ALL (hidden_sources())
          ELSE \(source) = ANY (ARRAY(SELECT s.id FROM source s JOIN worker_run r ON r.tenant_id = $tenant AND r.id = s.worker_run_id
            WHERE s.tenant_id = $tenant AND s.id <> ALL (hidden_sources())
              AND r.worker_version_id = nullif(nullif($\(parameter), 'false'), 'true')::uuid)) END)
        """
    }

    private static let place = """
        row_number() OVER (ORDER BY CASE $order WHEN 'random' THEN random() END, CASE $order WHEN 'name' THEN e.name END, %)
        """

    private static func ordered(_ position: String) -> String { place.replacing("%", with: position) }

    // Anything in a corpus.
    fileprivate static let inCorpus = """
        FROM element e \(ElementSQL.type)
        WHERE e.tenant_id = $tenant AND e.corpus_id = $corpus AND \(filters)
          AND ($top_level::boolean IS NULL OR $top_level::boolean = EXISTS (
            SELECT FROM element_path p WHERE p.tenant_id = $tenant AND p.element_id = e.id AND p.parent_id IS NULL))
        """
    static let corpus = Statement<ListElements, ElementItem>(
        "list_elements",
        decorated("SELECT e.id, \(ordered("e.id")) AS place \(inCorpus) ORDER BY place LIMIT $limit OFFSET $offset"))
    static let corpusCount = Statement<ListElements, Count>("count_elements", "SELECT count(*) \(inCorpus)")

    /// Everything in a corpus in the order in which it was made, or what one run made there: straight from an index, counted from the
    /// counters. A run has few sources, one a generation, and each is read in order only as far as the page goes.
    static let corpusByRun = Statement<ListElements, ElementItem>(
        "list_elements_by_run",
        decorated(
            """
            SELECT made.id, row_number() OVER (ORDER BY made.id) AS place FROM source s CROSS JOIN LATERAL (
              SELECT e.id FROM element e WHERE e.tenant_id = $tenant AND e.corpus_id = $corpus AND e.source_id = s.id
              ORDER BY e.id LIMIT $limit::bigint + $offset::bigint) AS made
            WHERE s.tenant_id = $tenant AND s.corpus_id = $corpus AND s.worker_run_id = $worker_run::uuid AND s.id <> ALL (hidden_sources())
            ORDER BY made.id LIMIT $limit OFFSET $offset
            """))
    static let corpusByRunCount = Statement<ListElements, Count>(
        "count_elements_by_run",
        """
        SELECT coalesce(sum(k.n), 0)::bigint AS count FROM source s
          JOIN result_count k ON k.tenant_id = $tenant AND k.source_id = s.id AND k.kind = 'element'
        WHERE s.tenant_id = $tenant AND s.corpus_id = $corpus AND s.worker_run_id = $worker_run::uuid AND s.id <> ALL (hidden_sources())
        """)

    static let corpusWhole = Statement<ListElements, ElementItem>(
        "list_elements_whole",
        decorated(
            """
            SELECT chosen.id, row_number() OVER (ORDER BY chosen.id) AS place FROM (
              (SELECT e.id FROM element e WHERE NOT (SELECT mostly_hidden($corpus)) AND e.tenant_id = $tenant AND e.corpus_id = $corpus
                ORDER BY e.id LIMIT $limit OFFSET $offset)
              UNION ALL
              -- Past more hidden rows than seen ones it is faster to read each lineage that is seen, and to merge.
              (SELECT made.id FROM (SELECT DISTINCT k.lineage_id FROM result_count k
                  WHERE (SELECT mostly_hidden($corpus)) AND k.tenant_id = $tenant AND k.corpus_id = $corpus AND k.kind = 'element' AND k.n > 0) AS seen
                CROSS JOIN LATERAL (SELECT e.id FROM element e
                  WHERE e.tenant_id = $tenant AND e.corpus_id = $corpus AND e.lineage_id = seen.lineage_id
                  ORDER BY e.id LIMIT $limit::bigint + $offset::bigint) AS made
                ORDER BY made.id LIMIT $limit OFFSET $offset)
            ) AS chosen
            """))
    static let corpusWholeCount = Statement<ListElements, Count>(
        "count_elements_whole",
        """
        SELECT coalesce(sum(k.n), 0)::bigint AS count FROM result_count k
        WHERE k.tenant_id = $tenant AND k.corpus_id = $corpus AND k.kind = 'element'
        """)

    // Directly in a folder, in its order; or everything below it, in the order of the tree.
    private static let below = """
        FROM element e \(ElementSQL.type) JOIN (SELECT p.element_id, min(p.ordering) AS ordering FROM element_path p
            WHERE p.tenant_id = $tenant AND p.parent_id = $id GROUP BY 1) AS p ON p.element_id = e.id
        WHERE e.tenant_id = $tenant AND \(filters)
        """
    static let children = Statement<ListRelatives, ElementItem>(
        "list_element_children",
        decorated("SELECT e.id, \(ordered("p.ordering, e.id")) AS place \(below) ORDER BY place LIMIT $limit OFFSET $offset"))
    static let childrenCount = Statement<ListRelatives, Count>("count_element_children", "SELECT count(*) \(below)")

    private static let farBelow = """
        FROM (SELECT DISTINCT ON (p.element_id) p.element_id, p.key FROM element_path folder
            JOIN element_path p ON p.tenant_id = $tenant AND p.corpus_id = folder.corpus_id
              AND p.key > folder.key AND p.key < folder.key || '\\xffffffffffff'::bytea
            WHERE folder.tenant_id = $tenant AND folder.element_id = $id ORDER BY p.element_id, p.key) AS found
          JOIN element e ON e.tenant_id = $tenant AND e.id = found.element_id \(ElementSQL.type)
        WHERE \(filters)
        """
    static let descendants = Statement<ListRelatives, ElementItem>(
        "list_element_descendants",
        decorated("SELECT e.id, \(ordered("found.key")) AS place \(farBelow) ORDER BY place LIMIT $limit OFFSET $offset"))
    static let descendantsCount = Statement<ListRelatives, Count>("count_element_descendants", "SELECT count(*) \(farBelow)")

    private static let above = """
        FROM element e \(ElementSQL.type)
        WHERE e.tenant_id = $tenant AND \(filters) AND e.id IN (
          SELECT p.parent_id FROM element_path p WHERE p.tenant_id = $tenant AND p.element_id = $id
          UNION
          SELECT a.element_id FROM element_path p CROSS JOIN generate_series(6, octet_length(p.key) - 6, 6) AS length
            JOIN element_path a ON a.tenant_id = $tenant AND a.corpus_id = p.corpus_id AND a.key = substring(p.key FROM 1 FOR length)
          WHERE p.tenant_id = $tenant AND p.element_id = $id AND $recursive::boolean)
        """
    static let parents = Statement<ListRelatives, ElementItem>(
        "list_element_parents",
        decorated("SELECT e.id, \(ordered("e.id")) AS place \(above) ORDER BY place LIMIT $limit OFFSET $offset"))
    static let parentsCount = Statement<ListRelatives, Count>("count_element_parents", "SELECT count(*) \(above)")
}

extension ListElements {
    /// Whether no filter is given but perhaps that of the run.
    private var isOrderedAndUnfiltered: Bool {
        type == nil && name == nil && folder == nil && top_level == nil && worker_version == nil && transcription_worker_run == nil
            && transcription_worker_version == nil && results_of == nil && ml_class == nil && metadata_name == nil && metadata_value == nil
            && confidence == nil && creator == nil && (order ?? .position) == .position
    }

    /// The cheapest statements that answer this.
    var statements: (Statement<ListElements, ElementItem>, Statement<ListElements, Count>) {
        guard isOrderedAndUnfiltered else { return (ElementList.corpus, ElementList.corpusCount) }
        guard let worker_run else { return (ElementList.corpusWhole, ElementList.corpusWholeCount) }
        guard worker_run.run != nil else { return (ElementList.corpus, ElementList.corpusCount) }
        return (ElementList.corpusByRun, ElementList.corpusByRunCount)
    }
}

/// What `DestroyElements` may be asked with: what `ListElements` would list is deleted, with all that is below it.
struct DestroyElements: Codable, Sendable, TakesNothingElse {
    var corpus: ID<Corpus>
    var type: String?
    var name: String?
    var folder: Bool?
    var top_level: Bool?
    var worker_run: RunFilter?
    var worker_version: RunFilter?
    var transcription_worker_run: RunFilter?
    var transcription_worker_version: RunFilter?
    var results_of: RunFilter?
    var ml_class: ID<MLClass>?
    var metadata_name: String?
    var metadata_value: String?
    var confidence: Confidence?
    var creator: ID<User>?

    /// - Throws: 400 without any filter: nothing never means everything.
    func checked() throws -> DestroyElements {
        let given: [Any?] = [
            type, name, folder, top_level, worker_run, worker_version, transcription_worker_run, transcription_worker_version, results_of,
            ml_class,
            metadata_name, metadata_value, confidence, creator,
        ]
        guard given.contains(where: { $0 != nil }), ![type, name, metadata_name, metadata_value].contains("") else {
            throw Problem.invalid("type", code: "required", "Give at least one filter, and none that is blank; nothing was deleted.")
        }
        return self
    }
}

extension DestroyElements {
    static let statement = Statement<DestroyElements, Erasure>(
        "destroy_elements",
        """
        SELECT made.* FROM erase_elements($corpus, ARRAY(SELECT e.id \(ElementList.inCorpus)), jsonb_strip_nulls(jsonb_build_object(
          'type', $type::text, 'name', $name::text, 'folder', $folder::boolean, 'top_level', $top_level::boolean, 'worker_run', $worker_run::text,
          'worker_version', $worker_version::text, 'transcription_worker_run', $transcription_worker_run::text,
          'transcription_worker_version', $transcription_worker_version::text, 'results_of', $results_of::text, 'ml_class', $ml_class::uuid,
          'metadata_name', $metadata_name::text, 'metadata_value', $metadata_value::text, 'confidence', $confidence::real,
          'creator', $creator::uuid))) AS made
        """)
}
