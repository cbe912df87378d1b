extension Datum {
    /// As Python prints it: so the public validator names a key of a worker configuration file that is no string.
    var printed: String {
        switch self {
        case .null: "None"
        case .boolean(let value): value ? "True" : "False"
        case .integer(let digits): digits
        case .float(let number): number.nearest.description
        case .string(let text), .other(let text): text
        case .list(let items): "[\(items.map(\.quoted).joined(separator: ", "))]"
        case .object(let members): "{\(members.map { "\($0.key.quoted): \($0.value.quoted)" }.joined(separator: ", "))}"
        case .bytes(let bytes): "b'\(String(decoding: bytes, as: UTF8.self))'"
        }
    }

    private var quoted: String {
        if case .string(let text) = self { "'\(text)'" } else { printed }
    }

    /// Equal for what Python holds equal, in dictionaries and sets: 1, 1.0 and true are one key. Nil for what cannot be a key.
    var hashed: String? {
        switch self {
        case .null: "None"
        case .boolean(let value): value ? "1" : "0"
        case .integer(let digits): digits
        case .float(let number): number.whole ?? number.nearest.description
        case .string(let text): "'" + text
        case .other(let text): "\"" + text
        case .bytes(let bytes): "b\(bytes)"
        case .list, .object: nil
        }
    }
}
