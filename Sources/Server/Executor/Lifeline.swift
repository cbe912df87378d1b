import Glibc
import SystemPackage

/// A connection whose one end we hold and whose other end a program's watchman reads. It closes when we end, in whatever way, and the watchman then
/// kills the program with all that it has started. The kernel's own signal for that, `PR_SET_PDEATHSIG`, comes when a thread ends, reaches
/// no grandchildren, and is forgotten where the account changes.
struct Lifeline: Sendable {
    /// For the program's standard input, which the shell moves away.
    let forProgram: FileDescriptor
    private let held: FileDescriptor

    /// To be ``cut()`` when the program has ended.
    /// - Throws: `Errno` when there are no descriptors left.
    init() throws {
        var ends: [Int32] = [-1, -1]
        // Programs that are started meanwhile do not hold it open.
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw Errno(rawValue: errno) }
        forProgram = FileDescriptor(rawValue: ends[0])
        held = FileDescriptor(rawValue: ends[1])
    }

    func cut() {
        // They are open, so closing them fails in no way that could be mended.
        close(forProgram.rawValue)
        close(held.rawValue)
    }
}
