import CJansson

extension JSONValue {
    /// More levels are refused: whoever writes a value again goes down into it.
    private static let mostLevels = 512

    /// Reads JSON text (RFC 8259) in UTF-8. Of members with the same name the last counts; whole numbers are integers, however written,
    /// unless they need more than 64 bits.
    ///
    /// Foundation's decoder has to be asked for one type after the other, and makes an error for each that it is not: that takes most of
    /// the time.
    /// - Throws: for anything else, and for more than 512 levels.
    public init(parsing text: UnsafeRawBufferPointer) throws {
        guard let root = Self.tree(text, asReals: false) ?? Self.tree(text, asReals: true) else { throw NotJSON() }
        defer { json_decref(root) }
        self = try JSONValue(root, levels: 0)
    }

    /// - Parameter asReals: whether whole numbers are read as others are. As integers, those that need more than 64 bits are an error.
    private static func tree(_ text: UnsafeRawBufferPointer, asReals: Bool) -> UnsafeMutablePointer<json_t>? {
        json_loadb(text.baseAddress, text.count, Int(JSON_DECODE_ANY | JSON_ALLOW_NUL | (asReals ? JSON_DECODE_INT_AS_REAL : 0)), nil)
    }

    private init(_ node: UnsafeMutablePointer<json_t>, levels: Int) throws {
        guard levels <= Self.mostLevels else { throw NotJSON() }
        switch node.pointee.type {
        case JSON_OBJECT: self = .object(try Self.members(of: node, levels: levels + 1))
        case JSON_ARRAY:
            self = .array(
                try (0..<json_array_size(node)).map { index in
                    try json_array_get(node, index).map { try JSONValue($0, levels: levels + 1) } ?? .null
                })
        case JSON_STRING: self = .string(Self.text(json_string_value(node), json_string_length(node)))
        case JSON_INTEGER: self = .integer(Int(json_integer_value(node)))
        case JSON_REAL:
            let number = json_real_value(node)
            self = Int(exactly: number).map(JSONValue.integer) ?? .number(number)
        case JSON_TRUE: self = .boolean(true)
        case JSON_FALSE: self = .boolean(false)
        default: self = .null
        }
    }

    private static func members(of node: UnsafeMutablePointer<json_t>, levels: Int) throws -> [String: JSONValue] {
        var members = [String: JSONValue](minimumCapacity: json_object_size(node))
        var place = json_object_iter(node)
        while let member = place {
            if let value = json_object_iter_value(member) {
                members[text(json_object_iter_key(member), json_object_iter_key_len(member))] = try JSONValue(value, levels: levels)
            }
            place = json_object_iter_next(node, member)
        }
        return members
    }

    /// jansson has made sure that it is UTF-8.
    private static func text(_ start: UnsafePointer<CChar>?, _ count: Int) -> String {
        String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }

    private struct NotJSON: Error {}
}
