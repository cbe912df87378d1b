import Glibc
import SystemPackage

/// A running PostgreSQL, as its `postmaster.pid` tells of it.
///
/// That a process has its id proves nothing: after a reboot it may be another program, and in a container the remains of a dead one that
/// nobody collects. So the socket, the shared memory and the process's working directory are asked.
struct Postmaster: Sendable {
    let process: pid_t
    private let directory: FilePath
    /// Where its socket is; empty until there is one.
    let socketDirectory: String
    private let memory: SharedMemory?
    private let status: String

    /// `directory` is the cluster's. The lines are process, data directory, start time, port, socket directory, address, shared memory, status.
    init?(file: String, in directory: FilePath) {
        let lines = file.split(separator: "\n", omittingEmptySubsequences: false).map(\.trimmed)
        guard let process = lines.first.flatMap({ pid_t($0) }) else { return nil }
        func line(_ number: Int) -> String { lines.count >= number ? lines[number - 1] : "" }
        self.process = process
        self.directory = directory
        socketDirectory = line(5)
        memory = SharedMemory(line(7))
        status = line(8)
    }

    /// Whether it takes statements.
    var isReady: Bool { status == "ready" && listens }

    /// Whether it, or a child that has outlived it, still holds the data: the next PostgreSQL would be refused.
    var isAlive: Bool { listens || memory?.isAttached == true || isAtWork }

    /// Whether its process is in the data directory, where it goes before it listens.
    private var isAtWork: Bool {
        guard let place = Entry(FilePath("/proc/\(process)/cwd"), followingLinks: true) else { return false }
        return [directory, directory.removingLastComponent()].contains { Entry($0, followingLinks: true)?.file == place.file }
    }

    private var listens: Bool { !socketDirectory.isEmpty && connects(to: Self.socket(in: socketDirectory)) }

    /// The only port of a cluster that has no network: part of the socket's name.
    static let port = 5432

    static func socket(in directory: String) -> String { "\(directory)/.s.PGSQL.\(port)" }
}

/// The segment that PostgreSQL and its children attach to, to notice one another.
private struct SharedMemory: Sendable {
    let key: key_t
    let id: Int32

    init?(_ line: String) {
        let numbers = line.split(separator: " ").compactMap { Int64($0) }
        guard numbers.count == 2 else { return nil }
        key = key_t(truncatingIfNeeded: numbers[0])
        id = Int32(truncatingIfNeeded: numbers[1])
    }

    /// Identifiers are used again after a reboot, but the key is made from the data directory's inode.
    var isAttached: Bool {
        var info = shmid_ds()
        return shmctl(id, IPC_STAT, &info) == 0 && info.shm_perm.__key == key && info.shm_nattch > 0
    }
}

/// Whether somebody listens at the socket `path`.
private func connects(to path: String) -> Bool {
    guard var address = sockaddr_un(path: path) else { return false }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    let result = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
    // EAGAIN: somebody listens, and is very busy.
    return result == 0 || errno == EAGAIN
}

extension sockaddr_un {
    fileprivate init?(path: String) {
        self.init(sun_family: sa_family_t(AF_UNIX), sun_path: sockaddr_un().sun_path)
        let bytes = Array(path.utf8)
        let fits = withUnsafeMutableBytes(of: &sun_path) { room in
            guard bytes.count < room.count else { return false }
            room.copyBytes(from: bytes)
            return true
        }
        guard fits else { return nil }
    }
}
