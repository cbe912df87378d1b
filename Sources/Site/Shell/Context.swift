import Mustache
import Shapes

extension JSONValue {
    /// What templates look names up in: what they do not ask for costs nothing.
    var context: Any {
        switch self {
        case .null: Absent()
        case .boolean(let value): value
        case .integer(let value): value
        case .number(let value): value
        case .string(let value): value.isEmpty ? Absent() : Moment(value).map { $0 as Any } ?? value
        case .array(let items): items.map(\.context)
        case .object(let members): Members(members: members)
        }
    }

    var members: [String: JSONValue] {
        if case .object(let members) = self { members } else { [:] }
    }

    var items: [JSONValue] {
        if case .array(let items) = self { items } else { [] }
    }

    var int: Int? {
        if case .integer(let number) = self { number } else { nil }
    }

    var double: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }

    var isTrue: Bool { self == .boolean(true) }
}

/// What an object says under a name.
private struct Members: MustacheParent {
    let members: [String: JSONValue]

    func child(named name: String) -> Any? { members[name]?.context }
}

/// A time of the API, `2026-11-25T03:45:07.813443Z`, as people read it; `.iso` is the API's form.
private struct Moment: MustacheCustomRenderable, MustacheParent {
    let iso: String
    let renderText: String
    var isNull: Bool { false }

    init?(_ text: String) {
        // Nearly no text is a time, and every text of a page comes here.
        guard text.utf8.count >= 20, text.utf8.count <= 32, text.utf8.dropFirst(10).first == UInt8(ascii: "T"),
            text.hasSuffix("Z") || text.hasSuffix("+00:00")
        else { return nil }
        let date = text.prefix(10).split(separator: "-"), time = text.dropFirst(11).prefix(5)
        guard date.count == 3, let month = Int(date[1]), Self.months.indices.contains(month - 1), let day = Int(date[2]),
            time.utf8.dropFirst(2).first == UInt8(ascii: ":")
        else { return nil }
        iso = text
        renderText = "\(day) \(Self.months[month - 1]) \(date[0]), \(time) UTC"
    }

    func child(named name: String) -> Any? { name == "iso" ? iso : nil }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
}

/// A name that is there and has no value: without it Mustache would look on, and find the same name of what lies around.
private struct Absent: MustacheCustomRenderable {
    var renderText: String { "" }
    var isNull: Bool { true }
}
