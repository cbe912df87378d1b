import NIOCore

/// How the columns of one result become the members of a JSON object.
struct JSONLayout: Sendable {
    struct Member: Sendable {
        let name: String
        /// The key, escaped, with quotes and colon.
        let key: [UInt8]
        let form: Form
    }

    /// How a value is written.
    enum Form: Sendable {
        case boolean
        /// Digits already; anything that does not end in a digit is NaN or an infinity.
        case number
        case json
        case timestamp
        case text

        init(typeOID: UInt32) {
            switch typeOID {
            case 16: self = .boolean
            case 20, 21, 23, 700, 701, 1700: self = .number
            case 114, 3802: self = .json
            case 1184: self = .timestamp
            default: self = .text
            }
        }
    }

    let members: [Member]

    init(_ columns: [Column]) {
        members = columns.map { column in
            var key = ByteBuffer()
            JSONText.string(column.name, into: &key)
            key.writeStaticString(":")
            return Member(name: column.name, key: Array(key.readableBytesView), form: Form(typeOID: column.typeOID))
        }
    }
}

extension JSONLayout.Form {
    /// Writes a value other than NULL.
    func write(_ bytes: UnsafeRawBufferPointer, into buffer: inout ByteBuffer) {
        switch self {
        case .boolean: buffer.writeStaticString(bytes.first == UInt8(ascii: "t") ? "true" : "false")
        case .number where bytes.last.map(isDigit) ?? false: buffer.writeBytes(bytes)
        case .number: buffer.writeStaticString("null")
        case .json: buffer.writeBytes(bytes)
        case .timestamp where Timestamp.fits(bytes): Timestamp.write(bytes, into: &buffer)
        case .timestamp, .text:
            buffer.writeInteger(JSONText.quote)
            JSONText.escape(bytes, &buffer)
            buffer.writeInteger(JSONText.quote)
        }
    }
}

func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
}
