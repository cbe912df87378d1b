/// The words of a command, split as a shell splits them. Nothing is expanded: `$HOME`, `;` and `|` stay what they are.
struct Words {
    private(set) var all: [String] = []
    private var rest: Substring.UnicodeScalarView
    /// The one being read; nil between words. An empty one is a word too, when it was quoted.
    private var current: String.UnicodeScalarView?

    /// Why a command cannot be split.
    enum Fault: Error, Equatable {
        case empty
        case unbalanced(Unicode.Scalar)
        case trailingBackslash
    }

    init(of command: String) throws(Fault) {
        rest = Substring(command).unicodeScalars
        while let scalar = rest.popFirst() { try read(scalar) }
        endWord()
        if all.isEmpty { throw .empty }
    }

    private mutating func read(_ scalar: Unicode.Scalar) throws(Fault) {
        switch scalar {
        case " ", "\t", "\n", "\r": endWord()
        case "'": try readSingleQuoted()
        case "\"": try readDoubleQuoted()
        case "\\": try readEscaped()
        default: append(scalar)
        }
    }

    private mutating func readSingleQuoted() throws(Fault) {
        append()
        while let scalar = rest.popFirst() {
            if scalar == "'" { return }
            append(scalar)
        }
        throw .unbalanced("'")
    }

    private mutating func readDoubleQuoted() throws(Fault) {
        append()
        while let scalar = rest.popFirst() {
            if scalar == "\"" { return }
            if scalar == "\\", let next = rest.first, "$`\"\\\n".unicodeScalars.contains(next) {
                try readEscaped()
            } else {
                append(scalar)
            }
        }
        throw .unbalanced("\"")
    }

    private mutating func readEscaped() throws(Fault) {
        guard let scalar = rest.popFirst() else { throw .trailingBackslash }
        // A line that goes on in the next.
        if scalar != "\n" { append(scalar) }
    }

    private mutating func append(_ scalar: Unicode.Scalar? = nil) {
        current = current ?? String.UnicodeScalarView()
        if let scalar { current?.append(scalar) }
    }

    private mutating func endWord() {
        if let current { all.append(String(current)) }
        current = nil
    }
}

extension Words.Fault: CustomStringConvertible {
    var description: String {
        switch self {
        case .empty: "The worker version has no command."
        case .unbalanced(let quote): "The command has a \(quote) without its counterpart."
        case .trailingBackslash: "The command ends in a backslash that escapes nothing."
        }
    }
}
