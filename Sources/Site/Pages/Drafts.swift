import Shapes

/// What the forms of an element's results say: what was sent and refused, or else what is there.
struct Drafts {
    private let refused: Visit.Refused?
    private let shell: Shell
    private static let types = ["text", "date", "location", "reference", "numeric", "url", "markdown"]

    private static let orientations = ["horizontal-lr", "horizontal-rl", "vertical-lr", "vertical-rl"]

    init(_ visit: Visit) {
        refused = visit.refused
        shell = visit.shell
    }

    /// The forms that add something.
    var adding: JSONValue {
        let forms: [(String, Form)] = [
            ("transcription", .addTranscription), ("classification", .addClassification), ("metadata", .addMetadata),
        ]
        let sent = forms.filter { refused?.form == $0.1.path }.map(\.0)
        let fields = refused?.fields.given ?? [:]
        return .object(Dictionary(uniqueKeysWithValues: sent.map { ($0, fields) })).adding([
            "refused": .boolean(!sent.isEmpty),
            "types": Self.types.map { ["type": .string($0)] }.choosing(fields["type"]?.string, by: "type"),
            "orientations": Self.orientations.map {
                ["orientation": .string($0), "called": .string(shell.word($0.replacing("-", with: "_")))]
            }.choosing(fields["orientation"]?.string, by: "orientation"),
        ])
    }

    /// The form that changes one thing, told by the field that names it.
    func of(_ thing: JSONValue, changedBy form: Form, _ field: String, _ names: String...) -> JSONValue {
        let isRefused = refused?.form == form.path && refused?.fields[field] == thing["id"]?.string
        let source = isRefused ? refused?.fields.given ?? [:] : thing
        let texts = names.map { ($0, source[$0] ?? .string("")) }
        return .object(Dictionary(uniqueKeysWithValues: texts)).adding(["refused": .boolean(isRefused)])
    }
}
