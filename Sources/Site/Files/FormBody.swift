import HTTPTypes
import HummingbirdCore
import NIOCore
import Web

/// What a form sends: its fields, and then its files one after another, each read as it comes. Nothing is held but what has come last.
actor FormBody {
    /// Nothing where the body is no form with files: a body can be read only once, and it is for somebody else then.
    private var source: RequestBody.AsyncIterator?
    private var parser: Multipart?
    /// The file that was found behind the last of the fields.
    private var found: String?
    private var isInFile = false
    private static let mostOfFields = 1 << 20

    init(of request: Request) {
        parser = Multipart(contentType: request.headers[.contentType])
        source = parser.map { _ in request.body.makeAsyncIterator() }
    }

    var hasFiles: Bool { source != nil }

    /// A file of the form, to be read before the next one is asked for.
    struct File: Sendable {
        /// As it is called where it comes from, without folders.
        let name: String
        let body: RequestBody
    }

    /// The fields that come before the first file.
    /// - Throws: 413 when they are more than a megabyte.
    func fields() async throws -> Fields {
        var values: [String: [String]] = [:]
        var name = ""
        var text = ByteBuffer()
        var size = 0
        while let event = try await next() {
            switch event {
            case .begin(_, .some(let file)):
                found = file
                return Fields(values: values)
            case .begin(let field, nil): (name, text) = (field, ByteBuffer())
            case .bytes(let bytes):
                size += bytes.readableBytes
                guard size <= Self.mostOfFields else { throw NIOTooManyBytesError(maxBytes: Self.mostOfFields) }
                text.writeImmutableBuffer(bytes)
            case .end: values[name, default: []].append(String(buffer: text))
            }
        }
        return Fields(values: values)
    }

    /// The next file. What has not been read of the one before is passed over, and so is a field for files that was left empty.
    func nextFile() async throws -> File? {
        while try await bytesOfFile() != nil {}
        var name = found
        found = nil
        while name == nil || name?.isEmpty == true {
            guard let event = try await next() else { return nil }
            if case .begin(_, .some(let file)) = event { name = file }
        }
        isInFile = true
        return name.map { File(name: $0.lastPart, body: RequestBody(asyncSequence: Bytes(form: self))) }
    }

    fileprivate func bytesOfFile() async throws -> ByteBuffer? {
        guard isInFile else { return nil }
        if case .bytes(let bytes)? = try await next() { return bytes }
        isInFile = false
        return nil
    }

    /// - Throws: 400 when the body ends before its end: a connection that broke must not leave half a file.
    private func next() async throws -> Multipart.Event? {
        while true {
            if let event = try parser?.next() { return event }
            guard parser?.isDone == false else { return nil }
            guard let bytes = try await pull() else {
                // Said once.
                parser = nil
                throw Multipart.malformed
            }
            parser?.feed(bytes)
        }
    }

    private func pull() async throws -> ByteBuffer? {
        var source = source
        defer { self.source = source }
        return try await source?.next(isolation: self)
    }

    /// Those of the file that is open.
    private struct Bytes: AsyncSequence, Sendable {
        let form: FormBody

        struct AsyncIterator: AsyncIteratorProtocol {
            let form: FormBody
            mutating func next() async throws -> ByteBuffer? { try await form.bytesOfFile() }
        }

        func makeAsyncIterator() -> AsyncIterator { AsyncIterator(form: form) }
    }
}

extension String {
    /// Some programs send a whole path.
    fileprivate var lastPart: String { split { $0 == "/" || $0 == "\\" }.last.map(String.init) ?? self }
}
