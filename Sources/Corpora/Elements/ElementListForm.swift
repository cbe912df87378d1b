import Postgres
import Tenancy
import Web

/// What a list of elements is asked for, as far as that decides how it is best read. PostgreSQL plans a statement once, for whatever parameters
/// it may get: who asks for less gets a statement that does less.
protocol ElementListForm: Hashable {
    associatedtype Place: Codable & Sendable

    static var all: [Self] { get }
    var order: ElementOrder { get set }
    var name: String { get }
    /// SQL that returns `id` and `place` (the order) of a page's elements, in their positions.
    var inPosition: String { get }
    /// `FROM` and `WHERE` of all of them as `e`, in no order.
    var source: String { get }
    /// SQL that counts them.
    var counted: String { get }
}

extension ElementListForm {
    var page: Statement<ElementQuery<Place>, ElementItem> { Statement("list_\(name)_by_\(order)", ElementList.decorated(chosen)) }

    /// The same in every order.
    var count: Statement<ElementQuery<Place>, Count> { Statement("count_\(name)", counted) }

    var counted: String { "SELECT count(*) \(source)" }

    private var chosen: String {
        switch order {
        case .position: inPosition
        case .name: "SELECT e.id, e.name AS place \(source) ORDER BY place, e.id LIMIT $limit OFFSET $offset"
        case .random: "SELECT e.id, \(ElementList.chance) AS place \(source) ORDER BY place, e.id LIMIT $limit OFFSET $offset"
        }
    }

    static func declarations() throws -> [Declaration] {
        try all.map { try Declaration($0.page) } + all.filter { $0.order == .position }.map { try Declaration($0.count) }
    }
}

/// The statements of every form, made once.
struct ElementListStatements<Form: ElementListForm>: Sendable where Form: Sendable {
    typealias Pair = (Statement<ElementQuery<Form.Place>, ElementItem>, Statement<ElementQuery<Form.Place>, Count>)
    private let known: [Form: Pair]

    init() {
        known = Dictionary(uniqueKeysWithValues: Form.all.map { ($0, ($0.page, $0.count)) })
    }

    /// A page, and how many there are.
    subscript(form: Form) -> Pair { known[form, default: (form.page, form.count)] }
}
