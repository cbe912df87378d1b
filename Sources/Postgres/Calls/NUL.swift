import CLibPQ

extension UnsafeRawBufferPointer {
    var holdsNUL: Bool {
        guard let baseAddress, count > 0 else { return false }
        return memchr(baseAddress, 0, count) != nil
    }
}

extension String {
    var holdsNUL: Bool {
        utf8.withContiguousStorageIfAvailable { UnsafeRawBufferPointer($0).holdsNUL } ?? utf8.contains(0)
    }
}
