internal import CYAML

/// A node of a YAML document. A class, since anchors give it an identity: what is referred to twice is one node.
final class YAMLNode {
    enum Content {
        /// Plain ones get their type from how they look.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        /// Every pair as it stands, keys that come twice among them.
        case mapping([(key: YAMLNode, value: YAMLNode)])
    }

    /// As the document says it; nil where it says none.
    let tag: String?
    fileprivate(set) var content: Content

    init(tag: String?, _ content: Content) {
        self.tag = tag == "!" ? nil : tag
        self.content = content
    }
}

/// Why a text is no YAML, or YAML that nothing can be made of.
struct YAMLFailure: Error {
    let detail: String
}

/// Composes nodes from the events of libyaml, the parser that PyYAML uses too. A class, since it owns the parser's memory.
final class YAMLComposer {
    private var parser = yaml_parser_t()
    private var anchors: [String: YAMLNode] = [:]
    private var depth = 0

    /// Worker configuration files need four.
    private static let greatestDepth = 100

    /// - Returns: the root of each document.
    static func documents(in text: String) throws(YAMLFailure) -> [YAMLNode] {
        var text = text
        let result: Result<[YAMLNode], YAMLFailure> = text.withUTF8 { bytes in
            do throws(YAMLFailure) {
                let composer = try YAMLComposer()
                yaml_parser_set_encoding(&composer.parser, YAML_UTF8_ENCODING)
                yaml_parser_set_input_string(&composer.parser, bytes.baseAddress, bytes.count)
                return .success(try composer.documents())
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private init() throws(YAMLFailure) {
        guard yaml_parser_initialize(&parser) == 1 else { throw YAMLFailure(detail: "There is no memory left.") }
    }

    deinit { yaml_parser_delete(&parser) }

    private func documents() throws(YAMLFailure) -> [YAMLNode] {
        var roots: [YAMLNode] = []
        while true {
            switch try event() {
            case .end: return roots
            case .documentStart:
                anchors = [:]
                roots.append(try node(event()))
            case .other: continue
            default: throw YAMLFailure(detail: "This is no YAML.")
            }
        }
    }

    private enum Event {
        case end, documentStart, sequenceEnd, mappingEnd, other
        case alias(String)
        case scalar(String, tag: String?, anchor: String?, isPlain: Bool)
        case sequence(tag: String?, anchor: String?)
        case mapping(tag: String?, anchor: String?)
    }

    private func event() throws(YAMLFailure) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(&parser, &event) == 1 else {
            let problem = parser.problem.map { String(cString: $0) } ?? "This is no YAML"
            throw YAMLFailure(detail: "Line \(parser.problem_mark.line + 1): \(problem).")
        }
        defer { yaml_event_delete(&event) }
        switch event.type {
        case YAML_STREAM_END_EVENT: return .end
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        case YAML_ALIAS_EVENT: return .alias(Self.text(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            return .scalar(text, tag: Self.text(scalar.tag), anchor: Self.text(scalar.anchor), isPlain: scalar.plain_implicit == 1)
        case YAML_SEQUENCE_START_EVENT:
            return .sequence(tag: Self.text(event.data.sequence_start.tag), anchor: Self.text(event.data.sequence_start.anchor))
        case YAML_MAPPING_START_EVENT:
            return .mapping(tag: Self.text(event.data.mapping_start.tag), anchor: Self.text(event.data.mapping_start.anchor))
        default: return .other
        }
    }

    private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: $0) }
    }

    private func node(_ event: Event) throws(YAMLFailure) -> YAMLNode {
        switch event {
        case .alias(let name):
            guard let node = anchors[name] else { throw YAMLFailure(detail: "The alias \(name) refers to nothing.") }
            return node
        case .scalar(let text, let tag, let anchor, let isPlain):
            return try registered(YAMLNode(tag: tag, .scalar(text, isPlain: isPlain)), anchor)
        case .sequence(let tag, let anchor):
            let node = try registered(YAMLNode(tag: tag, .sequence([])), anchor)
            node.content = .sequence(try items())
            return node
        case .mapping(let tag, let anchor):
            let node = try registered(YAMLNode(tag: tag, .mapping([])), anchor)
            node.content = .mapping(try pairs())
            return node
        default: throw YAMLFailure(detail: "This is no YAML.")
        }
    }

    private func registered(_ node: YAMLNode, _ anchor: String?) throws(YAMLFailure) -> YAMLNode {
        guard let anchor else { return node }
        guard anchors.updateValue(node, forKey: anchor) == nil else { throw YAMLFailure(detail: "The anchor \(anchor) comes twice.") }
        return node
    }

    private func items() throws(YAMLFailure) -> [YAMLNode] {
        try enter()
        var items: [YAMLNode] = []
        while true {
            let event = try self.event()
            if case .sequenceEnd = event { break }
            items.append(try node(event))
        }
        depth -= 1
        return items
    }

    private func pairs() throws(YAMLFailure) -> [(key: YAMLNode, value: YAMLNode)] {
        try enter()
        var pairs: [(key: YAMLNode, value: YAMLNode)] = []
        while true {
            let event = try self.event()
            if case .mappingEnd = event { break }
            let key = try node(event)
            pairs.append((key, try node(self.event())))
        }
        depth -= 1
        return pairs
    }

    private func enter() throws(YAMLFailure) {
        depth += 1
        guard depth <= Self.greatestDepth else { throw YAMLFailure(detail: "Must be at most \(Self.greatestDepth) levels deep.") }
    }
}
