import FoundationEssentials

extension JSONValue {
    /// As JSON text with sorted keys: the same value always gives the same text.
    public var text: String { text([]) }

    /// The same over many lines, for people and for differences.
    public var indentedText: String { text(.prettyPrinted) }

    private func text(_ further: JSONEncoder.OutputFormatting) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, further]
        // Encoding fails for NaN and infinity alone, which no JSON text can make.
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
    }
}
