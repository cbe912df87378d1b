public import NIOCore

extension Rows {
    /// Appends one row as a JSON object with the column names as keys, in the order of the columns.
    ///
    /// bool, int2, int4, int8, float4, float8 and numeric become JSON's own (NaN and the infinities null), json and jsonb pass as they are,
    /// timestamptz becomes RFC 3339 (with `Z`, since connections run in UTC), everything else a string, NULL null.
    /// No value is decoded on the way.
    public func writeObject(_ row: Int, into buffer: inout ByteBuffer, skipping: Set<String> = []) {
        write(row, jsonLayout.members, into: &buffer, skipping: skipping)
    }

    /// Appends all rows, or the first `limit`, as one JSON array of objects.
    public func writeArray(into buffer: inout ByteBuffer, limit: Int? = nil) {
        let members = jsonLayout.members
        buffer.writeStaticString("[")
        for row in 0..<min(count, max(0, limit ?? count)) {
            if row > 0 { buffer.writeStaticString(",") }
            write(row, members, into: &buffer, skipping: [])
        }
        buffer.writeStaticString("]")
    }

    private func write(_ row: Int, _ members: [JSONLayout.Member], into buffer: inout ByteBuffer, skipping: Set<String>) {
        var separator = UInt8(ascii: "{")
        for (column, member) in members.enumerated() where skipping.isEmpty || !skipping.contains(member.name) {
            buffer.writeInteger(separator)
            buffer.writeBytes(member.key)
            separator = UInt8(ascii: ",")
            if isNull(row, column) {
                buffer.writeStaticString("null")
            } else {
                withBytes(row, column) { member.form.write($0, into: &buffer) }
            }
        }
        buffer.writeStaticString(separator == UInt8(ascii: "{") ? "{}" : "}")
    }
}
