import FoundationEssentials
import HTTPTypes
import Shapes
import Tenancy
import Web

/// One page, declared once: where it is, and which operations fill it.
struct Page: Sendable {
    /// With names in braces.
    let path: String
    let template: String
    /// What is shown instead where only a dialog's content is wanted.
    let dialog: String?
    let audience: Audience
    /// What the id in the path names, and what somebody needs there to see the page. It checks nothing: the operations that fill the page
    /// do. The tests of rights hold one against the other.
    let subject: Subject?
    let content: @Sendable (Visit) async throws -> JSONValue

    init(
        _ path: String, _ template: String, dialog: String? = nil, for audience: Audience = .signedIn, about subject: Subject? = nil,
        content: @escaping @Sendable (Visit) async throws -> JSONValue
    ) {
        self.path = path
        self.template = template
        self.dialog = dialog
        self.audience = audience
        self.subject = subject
        self.content = content
    }
}

/// To whom a page is shown at all.
enum Audience: Sendable {
    /// Also to those who have not signed in.
    case everyone
    case signedIn
    /// The same where people have rights: in the Community edition such a page is not there.
    case ofEnterprise
    /// It checks nothing, as ``Subject``: the operations do.
    case instanceAdministrators
}

/// A kind of thing and a level on it; guest unless it says otherwise.
struct Subject: Sendable {
    let kind: Access.Kind
    private(set) var level = Access.Level.guest

    static let corpus = Subject(kind: .corpus), element = Subject(kind: .element), process = Subject(kind: .process)
    static let workerRun = Subject(kind: .workerRun), task = Subject(kind: .task), worker = Subject(kind: .worker)
    static let model = Subject(kind: .model), group = Subject(kind: .group), dataset = Subject(kind: .dataset)

    /// The same for administrators alone.
    var administered: Subject { Subject(kind: kind, level: .admin) }
}

/// What a page sends back: the operations that it runs, and where the visitor goes then.
struct Form: Sendable {
    struct Done: Sendable {
        var location: String
        var headers: HTTPFields = [:]
        /// What was made and is told this once: the form's page is shown with it, and nobody is sent elsewhere.
        var made: JSONValue?
    }

    let path: String
    /// Shown again, with what was wrong, when an operation refuses.
    let page: Page
    let perform: @Sendable (Visit, Fields, FormBody) async throws -> Done

    init(_ path: String, on page: Page, perform: @escaping @Sendable (Visit, Fields) async throws -> Done) {
        self.init(withFiles: path, on: page) { visit, fields, _ in try await perform(visit, fields) }
    }

    /// - Parameter perform: takes the form's files too, as they come.
    init(withFiles path: String, on page: Page, perform: @escaping @Sendable (Visit, Fields, FormBody) async throws -> Done) {
        self.path = path
        self.page = page
        self.perform = perform
    }
}

/// What was filled in.
struct Fields: Sendable {
    let values: [String: [String]]

    /// The text of a field; nil where it was left empty.
    subscript(name: String) -> String? {
        values[name]?.first.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// As JSON, without what was left empty.
    func json(_ names: String...) -> JSONValue {
        .object(Dictionary(names.compactMap { name in self[name].map { (name, .string($0)) } }) { first, _ in first })
    }

    /// For the form when it is shown again.
    var given: JSONValue {
        .object(values.filter { $0.key != "csrf" && !$0.key.contains("password") }.compactMapValues { $0.first.map(JSONValue.string) })
    }
}

extension Fields {
    /// What a person wrote, where no form shows it again: to be copied from there.
    var toCopy: JSONValue {
        let texts = values.filter {
            !["csrf", "next", "back", "verdict", "remove", "all"].contains($0.key) && !$0.key.contains("password")
        }
        .compactMapValues { $0.first { !$0.isEmpty && UUID(uuidString: $0) == nil } }
        return [
            "any_sent": .boolean(!texts.isEmpty),
            "sent": .array(texts.sorted { $0.key < $1.key }.map { ["name": .string($0.key), "text": .string($0.value)] }),
        ]
    }
}

extension Problem.Item {
    /// The field that it is about, as people read it; empty for the whole.
    var place: String {
        (attr ?? []).map { step in
            switch step {
            case .key(let key): key
            case .index(let index): String(index + 1)
            }
        }.joined(separator: " ")
    }
}
