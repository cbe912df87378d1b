import Glibc
import HTTPTypes
import NIOCore
import Web

/// The body of a form with files (RFC 7578), taken apart as it comes: bytes in, parts out. It holds no more than what has come and was not
/// asked for yet.
struct Multipart {
    enum Event: Equatable {
        /// A field, or a file where it has a file's name.
        case begin(name: String, file: String?)
        case bytes(ByteBuffer)
        case end
    }

    private enum State {
        case between, headers, content, done
    }

    /// What stands before each part and after the last one.
    private let delimiter: [UInt8]
    /// A line break before the first delimiter makes it like all others.
    private var buffer = ByteBuffer(string: "\r\n")
    private var state = State.content
    /// Nothing that comes before the first delimiter is anybody's.
    private var isInPart = false
    private static let longestHeaders = 16 << 10

    /// - Parameter contentType: the header's value.
    /// - Returns: nil for what is no such body.
    init?(contentType: String?) {
        let form = /(?i:multipart\/form-data)\s*;.*?(?i:boundary)=(?:"([^"]{1,70})"|([^\s;"]{1,70})).*/
        guard let parts = contentType?.wholeMatch(of: form), let boundary = parts.1 ?? parts.2 else { return nil }
        delimiter = Array("\r\n--\(boundary)".utf8)
    }

    var isDone: Bool { state == .done }

    mutating func feed(_ bytes: ByteBuffer) {
        buffer.discardReadBytes()
        buffer.writeImmutableBuffer(bytes)
    }

    /// The next thing in what has come; nil when more has to come first, or nothing more is to.
    /// - Throws: 400 for what is no such body.
    mutating func next() throws -> Event? {
        while true {
            switch try step() {
            case .onward: continue
            case .starved: return nil
            case .event(let event): return event
            }
        }
    }

    private enum Step {
        case event(Event), onward, starved
    }

    private mutating func step() throws -> Step {
        switch state {
        case .content: readContent()
        case .between: try passDelimiter()
        case .headers: try readHeaders()
        case .done: .starved
        }
    }

    private mutating func readContent() -> Step {
        // A delimiter that has come in part is in none of what is sure.
        let end = buffer.place(of: delimiter)
        let sure = end ?? buffer.readableBytes - delimiter.count + 1
        if sure > 0, let bytes = buffer.readSlice(length: sure) { return isInPart ? .event(.bytes(bytes)) : .onward }
        guard end != nil else { return .starved }
        buffer.moveReaderIndex(forwardBy: delimiter.count)
        state = .between
        defer { isInPart = false }
        return isInPart ? .event(.end) : .onward
    }

    private mutating func passDelimiter() throws -> Step {
        guard let two = buffer.readString(length: 2) else { return .starved }
        switch two {
        case "--": state = .done
        case "\r\n": state = .headers
        default: throw Self.malformed
        }
        return .onward
    }

    private mutating func readHeaders() throws -> Step {
        guard let end = buffer.place(of: Array("\r\n\r\n".utf8)) else {
            guard buffer.readableBytes <= Self.longestHeaders else { throw Self.malformed }
            return .starved
        }
        let lines = (buffer.readString(length: end) ?? "").split(separator: "\r\n")
        buffer.moveReaderIndex(forwardBy: 4)
        guard let line = lines.first(where: { $0.lowercased().hasPrefix("content-disposition:") }),
            let name = line.firstMatch(of: /[;\s]name="([^"]*)"/)?.1
        else { throw Self.malformed }
        state = .content
        isInPart = true
        let file = line.firstMatch(of: /[;\s]filename="([^"]*)"/).map { String($0.1).unescaped }
        return .event(.begin(name: String(name).unescaped, file: file))
    }

    static let malformed = Problem(.badRequest, "malformed", "This is not what a form with files looks like.")
}

extension ByteBuffer {
    /// How many readable bytes stand before the first of these.
    fileprivate func place(of bytes: [UInt8]) -> Int? {
        withUnsafeReadableBytes { all in
            guard let base = all.baseAddress, let first = bytes.first else { return nil }
            var start = 0
            while all.count - start >= bytes.count, let found = memchr(base + start, Int32(first), all.count - start - bytes.count + 1) {
                start = UnsafeRawPointer(found) - base
                if memcmp(found, bytes, bytes.count) == 0 { return start }
                start += 1
            }
            return nil
        }
    }
}

extension String {
    /// What browsers write for the characters that would end a name.
    fileprivate var unescaped: String { replacing("%22", with: "\"").replacing("%0D", with: "\r").replacing("%0A", with: "\n") }
}
