/// What `Range` asks for (RFC 9110, 14.2): one range of bytes. Several at once are not served; the whole is a right answer to them.
enum ByteRange: Equatable {
    case whole
    case part(Range<Int>)
    /// 416.
    case unsatisfiable

    /// - Parameter size: of the whole, in bytes.
    init(_ header: String?, size: Int) {
        guard let header, header.hasPrefix("bytes="), !header.contains(",") else {
            self = .whole
            return
        }
        let ends = header.dropFirst("bytes=".count).split(separator: "-", omittingEmptySubsequences: false).map { $0.filter { $0 != " " } }
        guard ends.count == 2, ends.allSatisfy({ $0.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } }) else {
            self = .whole
            return
        }
        self = Self.part(first: ends[0], last: ends[1], size: size)
    }

    private static func part(first: String, last: String, size: Int) -> ByteRange {
        if first.isEmpty {
            guard let count = Int(last) else { return .whole }
            return count > 0 && size > 0 ? .part(max(0, size - count)..<size) : .unsatisfiable
        }
        guard let start = Int(first) else { return first.isEmpty ? .whole : .unsatisfiable }
        let end = last.isEmpty ? size - 1 : min(Int(last) ?? size - 1, size - 1)
        if !last.isEmpty, let last = Int(last), last < start { return .whole }
        return start < size ? .part(start..<end + 1) : .unsatisfiable
    }
}
