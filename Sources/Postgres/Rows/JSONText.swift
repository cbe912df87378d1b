public import NIOCore

/// Writes strings as JSON, straight into a buffer.
public enum JSONText {
    /// Appends the characters escaped, without the quotes around them. `utf8` has to be valid UTF-8, which passes as it is:
    /// only quotes, backslashes and control characters are changed.
    public static func escape(_ utf8: some Collection<UInt8>, into buffer: inout ByteBuffer) {
        let done: Void? = utf8.withContiguousStorageIfAvailable { escape(UnsafeRawBufferPointer($0), &buffer) }
        if done == nil { Array(utf8).withUnsafeBytes { escape($0, &buffer) } }
    }

    /// Appends `text` escaped and in quotes.
    public static func string(_ text: String, into buffer: inout ByteBuffer) {
        buffer.writeInteger(quote)
        escape(text.utf8, into: &buffer)
        buffer.writeInteger(quote)
    }

    static let quote = UInt8(ascii: "\"")

    /// Copies the runs between two special characters in one go.
    static func escape(_ bytes: UnsafeRawBufferPointer, _ buffer: inout ByteBuffer) {
        var start = 0
        while start < bytes.count {
            let end = firstSpecial(in: bytes, from: start)
            buffer.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
            guard end < bytes.count else { return }
            writeEscape(of: bytes[end], &buffer)
            start = end + 1
        }
    }

    private static func firstSpecial(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var index = start
        while index + 8 <= bytes.count, !holdsSpecial(bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)) { index += 8 }
        while index < bytes.count, !isSpecial(bytes[index]) { index += 1 }
        return index
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == quote || byte == UInt8(ascii: "\\")
    }

    /// Eight bytes at once: the well-known test for a zero byte, applied to the word xor-ed with each of the two characters,
    /// and for a byte below 0x20. May say yes once too often, never no.
    private static func holdsSpecial(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        let quotes = word ^ (ones &* 0x22)
        let slashes = word ^ (ones &* 0x5c)
        let found = ((quotes &- ones) & ~quotes) | ((slashes &- ones) & ~slashes) | ((word &- ones &* 0x20) & ~word)
        return found & tops != 0
    }

    private static func writeEscape(of byte: UInt8, _ buffer: inout ByteBuffer) {
        switch byte {
        case 0x08: buffer.writeStaticString(#"\b"#)
        case 0x09: buffer.writeStaticString(#"\t"#)
        case 0x0a: buffer.writeStaticString(#"\n"#)
        case 0x0c: buffer.writeStaticString(#"\f"#)
        case 0x0d: buffer.writeStaticString(#"\r"#)
        case 0x22: buffer.writeStaticString(#"\""#)
        case 0x5c: buffer.writeStaticString(#"\\"#)
        default:
            let digits: StaticString = "0123456789abcdef"
            buffer.writeStaticString(#"\u00"#)
            buffer.writeInteger(digits.utf8Start[Int(byte >> 4)])
            buffer.writeInteger(digits.utf8Start[Int(byte & 15)])
        }
    }
}
