import FoundationEssentials

/// Makes values of YAML nodes as PyYAML's safe loader does, since the public validator reads files with it: of keys that come twice
/// the last counts, `<<` merges mappings, and 1, 1.0 and true are the same key.
struct YAMLConstructor {
    /// Aliases are written out here, and a few lines of them can stand for more values than there is memory.
    private var budget = 200_000
    private var open: Set<ObjectIdentifier> = []
    private var flattened: [ObjectIdentifier: [(key: YAMLNode, value: YAMLNode)]] = [:]

    static func value(of node: YAMLNode) throws(YAMLFailure) -> Datum {
        var constructor = YAMLConstructor()
        return try constructor.construct(node)
    }

    private mutating func construct(_ node: YAMLNode) throws(YAMLFailure) -> Datum {
        budget -= 1
        guard budget > 0 else { throw YAMLFailure(detail: "Has too many values.") }
        // A value that holds itself is never right, wherever it stands.
        guard open.insert(ObjectIdentifier(node)).inserted else { return .other("itself") }
        defer { open.remove(ObjectIdentifier(node)) }
        let tag = tag(of: node)
        guard tag.hasPrefix(YAMLScalar.prefix) else { throw YAMLFailure(detail: "The tag \(tag) is not known.") }
        switch node.content {
        case .scalar(let text, _): return try scalar(text, tag.dropFirst(YAMLScalar.prefix.count))
        case .sequence(let items): return try sequence(items, tag.dropFirst(YAMLScalar.prefix.count))
        case .mapping: return try mapping(node, tag.dropFirst(YAMLScalar.prefix.count))
        }
    }

    private func tag(of node: YAMLNode) -> String {
        if let tag = node.tag { return tag }
        return switch node.content {
        case .scalar(let text, let isPlain): isPlain ? YAMLScalar.tag(of: text) : YAMLScalar.prefix + "str"
        case .sequence: YAMLScalar.prefix + "seq"
        case .mapping: YAMLScalar.prefix + "map"
        }
    }

    private func scalar(_ text: String, _ tag: Substring) throws(YAMLFailure) -> Datum {
        let datum: Datum? =
            switch tag {
            case "str": .string(text)
            case "null": .null
            case "bool":
                ["yes": true, "true": true, "on": true, "no": false, "false": false, "off": false][text.lowercased()].map(Datum.boolean)
            case "int": YAMLScalar.integer(text)
            case "float": YAMLScalar.float(text)
            case "timestamp": YAMLScalar.isTime(text) ? .other(text) : nil
            case "binary": Data(base64Encoded: text, options: .ignoreUnknownCharacters).map { .bytes(Array($0)) }
            default: nil
            }
        guard let datum else { throw YAMLFailure(detail: "A value with the tag !!\(tag) has not the form of one.") }
        return datum
    }

    private mutating func sequence(_ nodes: [YAMLNode], _ tag: Substring) throws(YAMLFailure) -> Datum {
        guard ["seq", "omap", "pairs"].contains(tag) else { throw YAMLFailure(detail: "A list cannot have the tag !!\(tag).") }
        var items: [Datum] = []
        for node in nodes {
            if tag == "seq" {
                items.append(try construct(node))
            } else {
                guard case .mapping(let pairs) = node.content, pairs.count == 1, let pair = pairs.first else {
                    throw YAMLFailure(detail: "Each item below !!\(tag) must be a mapping of one key.")
                }
                items.append(.list([try construct(pair.key), try construct(pair.value)]))
            }
        }
        return .list(items)
    }

    private mutating func mapping(_ node: YAMLNode, _ tag: Substring) throws(YAMLFailure) -> Datum {
        guard ["map", "set"].contains(tag) else { throw YAMLFailure(detail: "A mapping cannot have the tag !!\(tag).") }
        var members: [Datum.Member] = []
        // By bytes: Swift's strings would take canonically equivalent keys for one.
        var places: [[UInt8]: Int] = [:]
        for (keyNode, valueNode) in try pairs(of: node) {
            let key: Datum = try isValueKey(keyNode) ? .string("=") : construct(keyNode)
            guard let hashed = key.hashed else { throw YAMLFailure(detail: "A list or mapping cannot be a key.") }
            let value = try construct(valueNode)
            if let place = places[Array(hashed.utf8)] {
                members[place].value = value
            } else {
                places[Array(hashed.utf8)] = members.count
                members.append(.init(key: key, value: value))
            }
        }
        return tag == "map" ? .object(members) : .other("a set")
    }

    private func isValueKey(_ node: YAMLNode) -> Bool { tag(of: node) == YAMLScalar.prefix + "value" }

    /// With the pairs of merged mappings before its own.
    private mutating func pairs(of node: YAMLNode) throws(YAMLFailure) -> [(key: YAMLNode, value: YAMLNode)] {
        if let done = flattened[ObjectIdentifier(node)] { return done }
        guard case .mapping(let pairs) = node.content else { return [] }
        flattened[ObjectIdentifier(node)] = []
        var merged: [(key: YAMLNode, value: YAMLNode)] = []
        var seen: Set<MergeIdentity> = []
        for pair in pairs where tag(of: pair.key) == YAMLScalar.prefix + "merge" {
            for source in try sources(pair.value) {
                merged += try self.pairs(of: source).filter { seen.insert(MergeIdentity($0.key)).inserted }
                budget -= merged.count
                guard budget > 0 else { throw YAMLFailure(detail: "Has too many values.") }
            }
        }
        let all = merged + pairs.filter { tag(of: $0.key) != YAMLScalar.prefix + "merge" }
        flattened[ObjectIdentifier(node)] = all
        return all
    }

    private func sources(_ node: YAMLNode) throws(YAMLFailure) -> [YAMLNode] {
        let nodes = if case .sequence(let items) = node.content { items } else { [node] }
        for node in nodes {
            guard case .mapping = node.content else { throw YAMLFailure(detail: "Only mappings can be merged.") }
        }
        return nodes
    }
}

/// By what PyYAML tells keys of merged mappings apart: Python's identity of the key's text. Of several mappings that are merged the last
/// one wins, but for keys of one character, of which Python has each only once; there the first one does.
private enum MergeIdentity: Hashable {
    case character(Unicode.Scalar?)
    case node(ObjectIdentifier)

    init(_ node: YAMLNode) {
        if case .scalar(let text, _) = node.content, text.unicodeScalars.count <= 1, text.unicodeScalars.allSatisfy({ $0.value < 256 }) {
            self = .character(text.unicodeScalars.first)
        } else {
            self = .node(ObjectIdentifier(node))
        }
    }
}
