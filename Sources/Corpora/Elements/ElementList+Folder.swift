import Postgres
import Tenancy
import Web

/// What a list of a folder is asked for, as far as that decides how it is best read; see ``CorpusListForm``.
struct FolderListForm: Hashable {
    var order = ElementOrder.position
    /// Everything below, not only what is directly there.
    var isRecursive = false
    /// Whether what one run made is wanted; below a folder that has an index.
    var isOfRun = false
    var isFiltered = false

    static let all = ElementOrder.allCases.flatMap { order in
        (0..<8).map { bits in
            FolderListForm(order: order, isRecursive: bits & 1 != 0, isOfRun: bits & 2 != 0, isFiltered: bits & 4 != 0)
        }
    }

    private var name: String {
        "\(isRecursive ? "descendants" : "children")_by_\(order)" + (isOfRun ? "_of_run" : "") + (isFiltered ? "_filtered" : "")
    }
}

extension ListRelatives {
    /// The statements that answer this for what is below an element: a page, and how many there are.
    var statements: (Statement<ListRelatives, ElementItem>, Statement<ListRelatives, Count>) {
        FolderListForm.statements[form] ?? (form.page, form.count)
    }

    private var form: FolderListForm {
        FolderListForm(
            order: listing.order ?? .position, isRecursive: recursive == true, isOfRun: filters.isOfRun,
            isFiltered: filters.isFurther || filters.type != nil)
    }
}

// MARK: Statements

extension FolderListForm {
    static let statements = Dictionary(uniqueKeysWithValues: all.map { ($0, ($0.page, $0.count)) })

    var page: Statement<ListRelatives, ElementItem> { Statement("list_\(name)", ElementList.decorated(chosen)) }

    var count: Statement<ListRelatives, Count> {
        var unordered = self
        unordered.order = .position
        return Statement("count_\(unordered.name)", "SELECT count(*) \(found)")
    }

    private var chosen: String {
        switch order {
        case .position: !isRecursive ? inPlace : isOfRun ? madeByRun : inTheOrderOfTheTree
        case .name, .random:
            "SELECT e.id, \(order == .name ? "e.name" : "random()") AS place \(found) ORDER BY place, e.id LIMIT $limit OFFSET $offset"
        }
    }
}

// MARK: Where they are read

extension FolderListForm {
    /// What is below the folder is one range of keys, below each path that leads to it: the first will do.
    private static let key = """
        (SELECT f.key FROM element_path f WHERE f.tenant_id = $tenant AND f.element_id = $id ORDER BY f.key LIMIT 1)
        """
    private static let below = """
        p.tenant_id = $tenant AND p.corpus_id = (SELECT f.corpus_id FROM element f WHERE f.tenant_id = $tenant AND f.id = $id)
          AND p.key > \(key) AND p.key < \(key) || '\\xffffffffffff'::bytea
        """
    /// An element that stands in the folder twice is listed where it comes first.
    private static let isFirst = """
        NOT EXISTS (SELECT FROM element_path q WHERE q.tenant_id = $tenant AND q.element_id = p.element_id AND q.key > \(key) AND q.key < p.key)
        """
    private static let sources = """
        SELECT s.id FROM source s WHERE s.tenant_id = $tenant AND s.worker_run_id = $worker_run::uuid AND s.id <> ALL (hidden_sources())
        """

    private var join: String {
        "JOIN element e ON e.tenant_id = $tenant AND e.id = p.element_id \(isFiltered ? ElementSQL.type : "")"
    }

    /// On `e`; that of the run is for the reader to ask.
    private var conditions: String {
        isFiltered
            ? "AND ($type::text IS NULL OR t.slug = lower($type)) AND \(ElementList.furtherFilters)"
                + (isOfRun ? "" : " AND \(ElementList.made(by: "worker_run", "e.source_id", "e.detached_from"))")
            : ""
    }

    private var ofRun: String { isOfRun ? "AND e.source_id = ANY (ARRAY(\(Self.sources)))" : "" }

    /// All of them, in no order.
    private var found: String {
        let paths =
            isRecursive
            ? "p.element_id FROM element_path p WHERE \(Self.below)"
            : "p.element_id FROM element_path p WHERE p.tenant_id = $tenant AND p.parent_id = $id"
        return "FROM (SELECT DISTINCT \(paths)) AS p \(join) WHERE true \(conditions) \(ofRun)"
    }

    /// Directly in the folder, as it is arranged. Who is in it by several paths has the same place by all of them.
    private var inPlace: String {
        """
        SELECT e.id, p.ordering AS place FROM (SELECT DISTINCT p.ordering, p.element_id FROM element_path p
            WHERE p.tenant_id = $tenant AND p.parent_id = $id ORDER BY p.ordering, p.element_id) AS p \(join)
        WHERE true \(conditions) \(ofRun) ORDER BY p.ordering, p.element_id LIMIT $limit OFFSET $offset
        """
    }

    private var inTheOrderOfTheTree: String {
        """
        SELECT e.id, p.key AS place FROM element_path p \(join)
        WHERE \(Self.below) AND \(Self.isFirst) \(conditions) ORDER BY p.key LIMIT $limit OFFSET $offset
        """
    }

    /// A run has few sources, one a generation, and each is read in order only as far as the page goes.
    private var madeByRun: String {
        """
        SELECT made.element_id AS id, made.key AS place FROM (\(Self.sources)) AS s CROSS JOIN LATERAL (
          SELECT p.element_id, p.key FROM element_path p \(join) WHERE \(Self.below) AND p.source_id = s.id AND \(Self.isFirst) \(conditions)
          ORDER BY p.key LIMIT $limit::bigint + $offset::bigint) AS made
        ORDER BY made.key LIMIT $limit OFFSET $offset
        """
    }
}
