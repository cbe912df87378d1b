import SystemPackage

/// Writes a line to standard output at once: whoever started this program may wait for it on a pipe.
func announce(_ line: String) {
    write(line, to: .standardOutput)
}

/// Writes a line to standard error.
func complain(_ line: String) {
    write(line, to: .standardError)
}

/// Nobody may be reading any more; the program goes on without them.
private func write(_ line: String, to descriptor: FileDescriptor) {
    _ = try? descriptor.writeAll("\(line)\n".utf8)
}
