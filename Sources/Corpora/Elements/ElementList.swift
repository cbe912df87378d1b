import Postgres
import Shapes
import Tenancy
import Web

/// In what order a list of elements comes.
enum ElementOrder: String, Codable, Sendable, CaseIterable, Described {
    case position, name, random
    static let sample = ElementOrder.position
}

/// The filters of an element list, wherever it is read.
struct ElementFilters: Codable, Sendable {
    var type: String?
    var name: String?
    var folder: Bool?
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

    /// Whether one run's elements are wanted, not those of any or of none.
    var isOfRun: Bool { worker_run?.run != nil }

    /// Whether a filter is given that no index of every list answers.
    var isFurther: Bool {
        let given: [Any?] = [
            name, folder, isOfRun ? nil : worker_run, worker_version, transcription_worker_run, transcription_worker_version, results_of,
            ml_class, metadata_name, metadata_value, confidence, creator,
        ]
        return given.contains { $0 != nil }
    }
}

/// In what order elements come, how many at a time, and what is told of each.
struct ElementListing: Codable, Sendable {
    var order: ElementOrder?
    var with_classes: Bool?
    var with_corpus: Bool?
    var with_metadata: Bool?
    var with_has_children: Bool?
    var with_zone: Bool?
    var page: Int?
    var page_size: Int?
}

/// What a list may be asked with: where, which, and how. On the wire all of it stands side by side.
struct ElementQuery<Place: Codable & Sendable>: Codable, Sendable, Paged {
    var place: Place
    var filters: ElementFilters
    var listing: ElementListing
    var page: Int? { listing.page }
    var page_size: Int? { listing.page_size }

    init(from decoder: any Decoder) throws {
        place = try Place(from: decoder)
        filters = try ElementFilters(from: decoder)
        listing = try ElementListing(from: decoder)
    }

    func encode(to encoder: any Encoder) throws {
        try place.encode(to: encoder)
        try filters.encode(to: encoder)
        try listing.encode(to: encoder)
    }
}

struct InCorpus: Codable, Sendable {
    var corpus: ID<Corpus>
    var top_level: Bool?
}

struct AroundElement: Codable, Sendable {
    var id: ID<Element>
    var recursive: Bool?
}

typealias ListElements = ElementQuery<InCorpus>
typealias ListRelatives = ElementQuery<AroundElement>

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
          AND \(made(by: "worker_run", "e.source_id", "e.detached_from")) AND \(furtherFilters)
        """

    /// Those that no index answers.
    static let furtherFilters = """
        ($name::text IS NULL OR position((SELECT folded($name)) IN folded(e.name)) > 0)
          AND ($folder::boolean IS NULL OR t.folder = $folder::boolean)
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
          AND ($confidence::numeric IS NULL OR e.confidence >= as_real($confidence::numeric))
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

    static let topLevel = """
        ($top_level::boolean IS NULL OR $top_level::boolean = EXISTS (
          SELECT FROM element_path p WHERE p.tenant_id = $tenant AND p.element_id = e.id AND p.parent_id IS NULL))
        """

    // Anything in a corpus, for those who want all of it.
    static let inCorpus = """
        FROM element e \(ElementSQL.type) WHERE e.tenant_id = $tenant AND e.corpus_id = $corpus AND \(filters) AND \(topLevel)
        """

    /// A place by chance, another one each day: pages of a list that are read one after the other hold every element once.
    static let chance = "uuid_hash_extended(e.id, current_date - date '2000-01-01')"

    // What an element is in; with recursive also what that is in, and so on.
    private static let above = """
        FROM element e \(ElementSQL.type)
        WHERE e.tenant_id = $tenant AND \(filters) AND e.id IN (
          SELECT p.parent_id FROM element_path p WHERE p.tenant_id = $tenant AND p.element_id = $id
          UNION
          SELECT a.element_id FROM element_path p CROSS JOIN \(Places.above("p"))
          WHERE p.tenant_id = $tenant AND p.element_id = $id AND $recursive::boolean)
        """
    static let parents = Statement<ListRelatives, ElementItem>(
        "list_element_parents",
        decorated(
            """
            SELECT e.id, row_number() OVER (ORDER BY CASE $order WHEN 'random' THEN \(chance) END, CASE $order WHEN 'name' THEN e.name END, e.id) AS place
            \(above) ORDER BY place LIMIT $limit OFFSET $offset
            """))
    static let parentsCount = Statement<ListRelatives, Count>("count_element_parents", "SELECT count(*) \(above)")

    /// Of every form that a list can have.
    static func formDeclarations() throws -> [Declaration] {
        try CorpusListForm.declarations() + FolderListForm.declarations()
    }
}

/// What `DestroyElements` may be asked with: what `ListElements` would list is deleted, with all that is below it.
struct DestroyElements: Codable, Sendable, TakesNothingElse {
    var place: InCorpus
    var filters: ElementFilters

    init(from decoder: any Decoder) throws {
        place = try InCorpus(from: decoder)
        filters = try ElementFilters(from: decoder)
    }

    func encode(to encoder: any Encoder) throws {
        try place.encode(to: encoder)
        try filters.encode(to: encoder)
    }

    /// - Throws: 400 without any filter: nothing never means everything.
    func checked() throws -> DestroyElements {
        let isGiven = filters.isFurther || filters.isOfRun || filters.type != nil || place.top_level != nil
        guard isGiven, ![filters.type, filters.name, filters.metadata_name, filters.metadata_value].contains("") else {
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
          'metadata_name', $metadata_name::text, 'metadata_value', $metadata_value::text, 'confidence', as_real($confidence::numeric),
          'creator', $creator::uuid))) AS made
        """)
}
