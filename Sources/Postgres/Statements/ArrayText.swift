/// Reads a PostgreSQL array of one dimension in text form: `{a,"b \"c\"",NULL}`.
enum ArrayText {
    /// Nil if `text` is something else. A nil element is NULL.
    static func items(of text: String) -> [String?]? {
        var rest = text.utf8[...]
        guard rest.popFirst() == UInt8(ascii: "{"), rest.popLast() == UInt8(ascii: "}") else { return nil }
        var items: [String?] = []
        while !rest.isEmpty {
            guard let item = item(from: &rest) else { return nil }
            items.append(item)
            guard rest.isEmpty || (rest.popFirst() == UInt8(ascii: ",") && !rest.isEmpty) else { return nil }
        }
        return items
    }

    private static func item(from rest: inout Substring.UTF8View) -> String?? {
        switch rest.first {
        case UInt8(ascii: "{"): return nil
        case UInt8(ascii: "\""): return quoted(from: &rest)
        default:
            let word = String(Substring(rest.prefix { $0 != UInt8(ascii: ",") }))
            rest = rest.dropFirst(word.utf8.count)
            return .some(word == "NULL" ? nil : word)
        }
    }

    private static func quoted(from rest: inout Substring.UTF8View) -> String?? {
        var bytes: [UInt8] = []
        rest = rest.dropFirst()
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") { return String(decoding: bytes, as: UTF8.self) }
            let escaped = byte == UInt8(ascii: "\\") ? rest.popFirst() : byte
            if let escaped { bytes.append(escaped) }
        }
        return nil
    }
}
