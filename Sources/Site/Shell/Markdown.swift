import CCMark
import Glibc
import Shapes

/// Text that somebody wrote in Markdown (CommonMark 0.30), as parts of a page: libcmark leaves out HTML and addresses that would run
/// something. Its headings stand below those of the page, and images become links: who looks at a page tells nobody else.
struct Markdown {
    let text: String

    var html: String {
        parsed { document in
            guard let rendered = cmark_render_html(document, CMARK_OPT_DEFAULT) else { return "" }
            defer { free(rendered) }
            return String(cString: rendered)
        }
    }

    /// The words of its first block, for a list of several.
    var beginning: String {
        parsed { document in
            guard let first = cmark_node_first_child(document) else { return "" }
            var words = ""
            Self.walk(first) { node, entering in
                switch cmark_node_get_type(node) {
                case CMARK_NODE_SOFTBREAK: words += " "
                case CMARK_NODE_HTML_INLINE, CMARK_NODE_HTML_BLOCK: break
                default: if entering, let literal = cmark_node_get_literal(node) { words += String(cString: literal) }
                }
            }
            return words
        }
    }

    private func parsed(_ body: (OpaquePointer) -> String) -> String {
        guard let document = cmark_parse_document(text, text.utf8.count, CMARK_OPT_DEFAULT) else { return "" }
        defer { cmark_node_free(document) }
        tame(document)
        return body(document)
    }

    private func tame(_ document: OpaquePointer) {
        var images: [OpaquePointer] = []
        Self.walk(document) { node, entering in
            guard entering else { return }
            switch cmark_node_get_type(node) {
            case CMARK_NODE_HEADING: cmark_node_set_heading_level(node, min(cmark_node_get_heading_level(node) + 2, 6))
            case CMARK_NODE_IMAGE: images.append(node)
            default: break
            }
        }
        for image in images { replaceByLink(image) }
    }

    private func replaceByLink(_ image: OpaquePointer) {
        guard let link = cmark_node_new(CMARK_NODE_LINK) else { return }
        cmark_node_set_url(link, cmark_node_get_url(image))
        while let child = cmark_node_first_child(image) { cmark_node_append_child(link, child) }
        cmark_node_replace(image, link)
        cmark_node_free(image)
    }

    private static func walk(_ root: OpaquePointer, _ visit: (_ node: OpaquePointer, _ entering: Bool) -> Void) {
        guard let iterator = cmark_iter_new(root) else { return }
        defer { cmark_iter_free(iterator) }
        while true {
            let event = cmark_iter_next(iterator)
            guard event != CMARK_EVENT_DONE, let node = cmark_iter_get_node(iterator) else { return }
            visit(node, event == CMARK_EVENT_ENTER)
        }
    }
}

extension JSONValue {
    /// Something made of a thing's description.
    func markdown(_ part: (Markdown) -> String) -> JSONValue { .string(part(Markdown(text: self["description"]?.string ?? ""))) }
}
