import Postgres
import Tenancy
import Web

/// How a list of what is below an element is read.
struct FolderListForm: ElementListForm, Sendable {
    typealias Place = AroundElement

    var order = ElementOrder.position
    /// Everything below, not only what is directly there.
    var isRecursive = false
    /// Whether what one run made is wanted; below a folder that has an index.
    var isOfRun = false
    /// Whether there is a filter that no index answers.
    var isFiltered = false

    static let all = ElementOrder.allCases.flatMap { order in
        (0..<8).map { bits in
            FolderListForm(order: order, isRecursive: bits & 1 != 0, isOfRun: bits & 2 != 0, isFiltered: bits & 4 != 0)
        }
    }
    static let statements = ElementListStatements<FolderListForm>()

    var name: String { (isRecursive ? "descendants" : "children") + (isOfRun ? "_of_run" : "") + (isFiltered ? "_filtered" : "") }
}

extension ListRelatives {
    /// The statements that answer this for what is below an element: a page, and how many there are.
    var statements: ElementListStatements<FolderListForm>.Pair {
        FolderListForm.statements[
            FolderListForm(
                order: listing.order ?? .position, isRecursive: place.recursive == true, isOfRun: filters.isOfRun,
                isFiltered: filters.isFurther || filters.type != nil)]
    }
}

// MARK: Where they are read

extension FolderListForm {
    /// An element that stands below the folder in several places is listed where it comes first.
    private static let isFirst = """
        NOT EXISTS (SELECT FROM \(Places.folder) JOIN element_path q ON \(Places.isBelow("q")) WHERE q.element_id = p.element_id AND q.key < p.key)
        """
    private static let sources = """
        SELECT s.id FROM source s WHERE s.tenant_id = $tenant AND s.worker_run_id = $worker_run::uuid AND s.id <> ALL (hidden_sources())
        """

    private var join: String {
        "JOIN element e ON e.tenant_id = $tenant AND e.id = p.element_id \(isFiltered ? ElementSQL.type : "")"
    }

    /// On `e`; that of the run is for the reader to ask.
    private var conditions: String {
        guard isFiltered else { return "" }
        let run = isOfRun ? "" : "AND \(ElementList.made(by: "worker_run", "e.source_id", "e.detached_from"))"
        return "AND ($type::text IS NULL OR t.slug = lower($type)) AND \(ElementList.furtherFilters) \(run)"
    }

    private var ofRun: String { isOfRun ? "AND e.source_id = ANY (ARRAY(\(Self.sources)))" : "" }

    var source: String {
        let places =
            isRecursive
            ? "\(Places.folder) JOIN element_path p ON \(Places.isBelow("p"))"
            : "element_path p WHERE p.tenant_id = $tenant AND p.parent_id = $id"
        return "FROM (SELECT DISTINCT p.element_id FROM \(places)) AS p \(join) WHERE true \(conditions) \(ofRun)"
    }

    var inPosition: String { !isRecursive ? arranged : isOfRun ? madeByRun : inTheOrderOfTheTree }

    /// Directly in the folder. Who is in it by several paths has the same place by all of them.
    private var arranged: String {
        """
        SELECT e.id, p.ordering AS place FROM (SELECT DISTINCT p.ordering, p.element_id FROM element_path p
            WHERE p.tenant_id = $tenant AND p.parent_id = $id ORDER BY p.ordering, p.element_id) AS p \(join)
        WHERE true \(conditions) \(ofRun) ORDER BY p.ordering, p.element_id LIMIT $limit OFFSET $offset
        """
    }

    private var inTheOrderOfTheTree: String { merged(from: Places.folder, "") }

    /// A run has few sources, one a generation.
    private var madeByRun: String { merged(from: "\(Places.folder) CROSS JOIN (\(Self.sources)) AS s", "AND p.source_id = s.id") }

    /// Each range is read in its order, and only as far as the page goes.
    private func merged(from ranges: String, _ condition: String) -> String {
        """
        SELECT made.element_id AS id, made.key AS place FROM \(ranges) CROSS JOIN LATERAL (
          SELECT p.element_id, p.key FROM element_path p \(join) WHERE \(Places.isBelow("p")) \(condition) AND \(Self.isFirst) \(conditions)
          ORDER BY p.key LIMIT $limit::bigint + $offset::bigint) AS made
        ORDER BY made.key LIMIT $limit OFFSET $offset
        """
    }
}
