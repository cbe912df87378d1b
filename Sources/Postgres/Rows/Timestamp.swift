import NIOCore

/// Turns PostgreSQL's ISO text of a timestamptz, `2026-01-02 03:04:05.678+00`, into RFC 3339.
enum Timestamp {
    /// False for `infinity`, years BC and years of five digits, which RFC 3339 cannot say: they stay as they are.
    static func fits(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count >= 22 && bytes[10] == UInt8(ascii: " ") && bytes.last.map(isDigit) == true && zone(of: bytes) != nil
    }

    /// Writes the time in quotes.
    static func write(_ bytes: UnsafeRawBufferPointer, into buffer: inout ByteBuffer) {
        guard let zone = zone(of: bytes) else { return }
        buffer.writeStaticString("\"")
        buffer.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[..<10]))
        buffer.writeStaticString("T")
        buffer.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[11..<zone]))
        writeZone(UnsafeRawBufferPointer(rebasing: bytes[zone...]), into: &buffer)
        buffer.writeStaticString("\"")
    }

    /// Where the offset begins: `+00`, `-03:30`, or with seconds for times before standard time.
    private static func zone(of bytes: UnsafeRawBufferPointer) -> Int? {
        bytes[19...].firstIndex { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }
    }

    private static func writeZone(_ zone: UnsafeRawBufferPointer, into buffer: inout ByteBuffer) {
        if zone.count == 3, zone[1] == UInt8(ascii: "0"), zone[2] == UInt8(ascii: "0") {
            buffer.writeStaticString("Z")
        } else {
            buffer.writeBytes(zone)
            if zone.count == 3 { buffer.writeStaticString(":00") }
        }
    }
}
