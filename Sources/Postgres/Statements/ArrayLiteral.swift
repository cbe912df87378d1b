/// A PostgreSQL array in text form: `{"a",NULL,{"b"}}`.
final class ArrayLiteral {
    private enum Element {
        case null
        case text(String)
        case list(ArrayLiteral)
    }

    private var elements: [Element] = []

    var count: Int { elements.count }

    func append(_ parameter: Parameter) {
        let text = parameter.withBytes { $0.map { String(decoding: $0, as: UTF8.self) } }
        elements.append(text.map(Element.text) ?? .null)
    }

    /// An inner list, as PostgreSQL's arrays of several dimensions have them.
    func appendList() -> ArrayLiteral {
        let list = ArrayLiteral()
        elements.append(.list(list))
        return list
    }

    var text: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        text += "{"
        for (index, element) in elements.enumerated() {
            if index > 0 { text += "," }
            switch element {
            case .null: text += "NULL"
            case .text(let value): Self.quote(value, into: &text)
            case .list(let list): list.write(to: &text)
            }
        }
        text += "}"
    }

    /// Always in quotes: that way nothing in `value` can be taken for syntax, nor the word NULL for NULL.
    private static func quote(_ value: String, into text: inout String) {
        text += "\""
        for scalar in value.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { text.unicodeScalars.append("\\") }
            text.unicodeScalars.append(scalar)
        }
        text += "\""
    }
}
