import Postgres
import Tenancy
import Web

/// How a list of a corpus is read.
struct CorpusListForm: ElementListForm, Sendable {
    typealias Place = InCorpus

    var order = ElementOrder.position
    var isOfType = false
    var isTopLevel = false
    /// Whether what one run made is wanted.
    var isOfRun = false
    /// Whether there is a filter that no index answers.
    var isFiltered = false

    static let all = ElementOrder.allCases.flatMap { order in
        (0..<16).map { bits in
            CorpusListForm(
                order: order, isOfType: bits & 1 != 0, isTopLevel: bits & 2 != 0, isOfRun: bits & 4 != 0, isFiltered: bits & 8 != 0)
        }
    }
    static let statements = ElementListStatements<CorpusListForm>()

    var name: String {
        let words = [(isOfType, "of_type"), (isTopLevel, "at_top"), (isOfRun, "of_run"), (isFiltered, "filtered")]
        return "elements" + words.filter(\.0).map { "_\($0.1)" }.joined()
    }
}

extension ListElements {
    /// The statements that answer this: a page, and how many there are.
    var statements: ElementListStatements<CorpusListForm>.Pair {
        CorpusListForm.statements[
            CorpusListForm(
                order: listing.order ?? .position, isOfType: filters.type != nil, isTopLevel: place.top_level == true,
                isOfRun: filters.isOfRun, isFiltered: filters.isFurther || place.top_level == false)]
    }
}

// MARK: Where they are read

extension CorpusListForm {
    private static let sources = """
        SELECT s.id FROM source s WHERE s.tenant_id = $tenant AND s.corpus_id = $corpus AND s.worker_run_id = $worker_run::uuid
          AND s.id <> ALL (hidden_sources())
        """

    /// On `e`; those of the run and of the top level are for the reader to ask.
    private var conditions: String {
        let type = """
            AND e.type_number = (SELECT t.number FROM element_type t
              WHERE t.tenant_id = $tenant AND t.corpus_id = $corpus AND t.slug = lower($type))
            """
        let run = isOfRun ? "" : "AND \(ElementList.made(by: "worker_run", "e.source_id", "e.detached_from"))"
        let place = isTopLevel ? "" : "AND \(ElementList.topLevel)"
        return (isOfType ? type : "") + (isFiltered ? " AND \(ElementList.furtherFilters) \(run) \(place)" : "")
    }

    private var ofRun: String { isOfRun ? "AND e.source_id = ANY (ARRAY(\(Self.sources)))" : "" }

    /// The element types that filters may ask.
    private var join: String { isFiltered ? ElementSQL.type : "" }

    var source: String {
        let elements = isTopLevel ? "element_path p JOIN element e ON e.tenant_id = $tenant AND e.id = p.element_id" : "element e"
        let top = isTopLevel ? "p.tenant_id = $tenant AND p.corpus_id = $corpus AND p.parent_id IS NULL AND" : ""
        return "FROM \(elements) \(join) WHERE \(top) e.tenant_id = $tenant AND e.corpus_id = $corpus \(conditions) \(ofRun)"
    }

    /// Without filters, from the counters that are kept with each write.
    var counted: String {
        guard !isOfType, !isTopLevel, !isFiltered else { return "SELECT count(*) \(source)" }
        return """
            SELECT coalesce(sum(k.n), 0)::bigint AS count FROM result_count k
            WHERE k.tenant_id = $tenant AND k.corpus_id = $corpus AND k.kind = 'element' \(isOfRun ? "AND k.source_id IN (\(Self.sources))" : "")
            """
    }

    var inPosition: String { isTopLevel ? atTop : isOfRun ? madeByRun : anywhere }

    /// Few elements are at the top, and they have an index.
    private var atTop: String { "SELECT e.id, e.id AS place \(source) ORDER BY p.element_id LIMIT $limit OFFSET $offset" }

    /// A run has few sources, one a generation, and each is read in order only as far as the page goes.
    private var madeByRun: String {
        """
        SELECT made.id, made.id AS place FROM (\(Self.sources)) AS s CROSS JOIN LATERAL (
          SELECT e.id FROM element e \(join) WHERE e.tenant_id = $tenant AND e.corpus_id = $corpus AND e.source_id = s.id \(conditions)
          ORDER BY e.id LIMIT $limit::bigint + $offset::bigint) AS made
        ORDER BY made.id LIMIT $limit OFFSET $offset
        """
    }

    /// Past more hidden rows than seen ones it is faster to read each lineage that is seen, and to merge.
    private var anywhere: String {
        """
        SELECT chosen.id, chosen.id AS place FROM (
          (SELECT e.id FROM element e \(join) WHERE NOT (SELECT mostly_hidden($corpus)) AND e.tenant_id = $tenant AND e.corpus_id = $corpus
            \(conditions) ORDER BY e.id LIMIT $limit OFFSET $offset)
          UNION ALL
          (SELECT made.id FROM (SELECT DISTINCT k.lineage_id FROM result_count k
              WHERE (SELECT mostly_hidden($corpus)) AND k.tenant_id = $tenant AND k.corpus_id = $corpus AND k.kind = 'element' AND k.n > 0) AS seen
            CROSS JOIN LATERAL (SELECT e.id FROM element e \(join)
              WHERE e.tenant_id = $tenant AND e.corpus_id = $corpus AND e.lineage_id = seen.lineage_id \(conditions)
              ORDER BY e.id LIMIT $limit::bigint + $offset::bigint) AS made
            ORDER BY made.id LIMIT $limit OFFSET $offset)
        ) AS chosen
        """
    }
}
