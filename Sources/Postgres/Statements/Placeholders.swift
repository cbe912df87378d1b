/// SQL whose named placeholders have become `$1`, `$2`…, each name keeping its number.
struct Placeholders {
    private(set) var sql = ""
    private(set) var names: [String] = []
    private var rest: Substring.UTF8View

    init(_ source: String) {
        rest = source[...].utf8
        var output: [UInt8] = []
        while let byte = rest.first {
            let start = rest
            if byte == dollar, !isWord(output.last ?? 0), let name = takeName() {
                output += "$\(number(name))".utf8
            } else {
                skipToken(byte, after: output.suffix(2))
                output += start[start.startIndex..<rest.startIndex]
            }
        }
        sql = String(decoding: output, as: UTF8.self)
    }

    private mutating func number(_ name: String) -> Int {
        if let index = names.firstIndex(of: name) { return index + 1 }
        names.append(name)
        return names.count
    }

    /// Takes `$name` or `$outer.inner`, and nothing where the `$` opens a dollar-quoted string or a numbered placeholder.
    private mutating func takeName() -> String? {
        let body = rest.dropFirst()
        guard let first = body.first, isLetter(first) else { return nil }
        var end = body.startIndex
        while end < body.endIndex {
            let next = body.index(after: end)
            let continues = isWord(body[end]) || (body[end] == dot && next < body.endIndex && isLetter(body[next]))
            guard continues else { break }
            end = next
        }
        guard end == body.endIndex || body[end] != dollar else { return nil }
        defer { rest = body[end...] }
        return String(Substring(body[..<end]))
    }

    /// Moves past one token of the kinds that may hold a `$` of their own, or past one byte.
    private mutating func skipToken(_ byte: UInt8, after previous: ArraySlice<UInt8>) {
        switch byte {
        case singleQuote: skipQuoted(by: singleQuote, escapes: endsWithEscapeMark(previous))
        case doubleQuote: skipQuoted(by: doubleQuote, escapes: false)
        case hyphen where rest.dropFirst().first == hyphen: rest = rest.drop { $0 != UInt8(ascii: "\n") }
        case slash where rest.dropFirst().first == star: skipComment()
        case dollar where !isWord(previous.last ?? 0): skipDollarQuoted()
        default: rest = rest.dropFirst()
        }
    }

    /// A doubled quote closes and opens again, which comes to the same.
    private mutating func skipQuoted(by quote: UInt8, escapes: Bool) {
        rest = rest.dropFirst()
        while let byte = rest.popFirst(), byte != quote {
            if escapes, byte == UInt8(ascii: "\\") { _ = rest.popFirst() }
        }
    }

    /// Comments nest.
    private mutating func skipComment() {
        var depth = 0
        repeat {
            guard let byte = rest.popFirst() else { return }
            if byte == slash, rest.first == star {
                _ = rest.popFirst()
                depth += 1
            } else if byte == star, rest.first == slash {
                _ = rest.popFirst()
                depth -= 1
            }
        } while depth > 0
    }

    /// `$$ … $$` or `$tag$ … $tag$`; a lone `$` or `$1` is one byte.
    private mutating func skipDollarQuoted() {
        let tag = rest.dropFirst().prefix { isWord($0) }
        let afterTag = rest[tag.endIndex...]
        let opensWithDigit = tag.first.map(isDigit) ?? false
        guard afterTag.first == dollar, !opensWithDigit else { return rest = rest.dropFirst() }
        let quote = Array(rest[rest.startIndex..<afterTag.index(after: afterTag.startIndex)])
        rest = afterTag.dropFirst()
        while !rest.isEmpty, !rest.starts(with: quote) { rest = rest.dropFirst() }
        rest = rest.dropFirst(quote.count)
    }
}

private let dollar = UInt8(ascii: "$")
private let dot = UInt8(ascii: ".")
private let doubleQuote = UInt8(ascii: "\"")
private let hyphen = UInt8(ascii: "-")
private let singleQuote = UInt8(ascii: "'")
private let slash = UInt8(ascii: "/")
private let star = UInt8(ascii: "*")

private func isLetter(_ byte: UInt8) -> Bool {
    (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")) || byte == UInt8(ascii: "_") || byte >= 0x80
}

private func isWord(_ byte: UInt8) -> Bool {
    isLetter(byte) || isDigit(byte)
}

/// Whether the two bytes before a quote make it one with backslash escapes: `E'…'`, but not `line'…'`.
private func endsWithEscapeMark(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard let mark = bytes.last, mark | 0x20 == UInt8(ascii: "e") else { return false }
    return bytes.count < 2 || !isWord(bytes[bytes.startIndex])
}
