import Shapes

/// A grid of elements, written by hand: a page has a hundred of them, and a template would look up every name in each.
struct Cards {
    private let elements: [JSONValue]
    private let tick: String

    init(_ elements: [JSONValue], _ shell: Shell) {
        self.elements = elements
        tick = HTML.escaped(shell.word("tick"))
    }

    var html: String { elements.map(card).joined(separator: "\n") }

    private func card(_ element: JSONValue) -> String {
        func text(_ name: String) -> String { HTML.escaped(element[name]?.string ?? "") }
        let id = text("id"), name = text("name")
        return """
            <li data-element="\(id)"><input type="checkbox" form="select" name="element" value="\(id)" aria-label="\(tick) \(name)">\
            <input type="hidden" form="select" name="shown" value="\(id)"><a class="card" href="/elements/\(id)">\(picture(element))\
            <strong>\(name)</strong><span class="tag">\(text("type"))</span>\(maker(element))</a></li>
            """
    }

    private func picture(_ element: JSONValue) -> String {
        if let thumbnail = element["thumbnail_url"]?.string {
            return #"<img loading="lazy" src="\#(HTML.escaped(thumbnail))" alt="" height="128">"#
        }
        let shape = element["has_children"]?.isTrue == true ? "M22 20h26l8 9h42v37H22z" : "M42 12h26l12 12v44H42zM68 12v12h12"
        return #"<svg class="blank" viewBox="0 0 120 80" aria-hidden="true"><path d="\#(shape)"/></svg>"#
    }

    private func maker(_ element: JSONValue) -> String {
        element["worker_run"]?["summary"]?.string.map { "<small>\(HTML.escaped($0))</small>" } ?? ""
    }
}
