import FoundationEssentials
import Glibc
import SystemPackage

/// What lies where in the data directory.
///
/// | path | owner | |
/// |---|---|---|
/// | `postgres/` | PostgreSQL | the cluster |
/// | `run/` | PostgreSQL | the socket; closed to other accounts |
/// | `log/` | PostgreSQL | its log, and the one before |
/// | `settings/` | us | its settings, written at each start |
/// | `secrets/` | us | its passwords |
struct Layout: Sendable {
    let root: FilePath
    let account: Account

    init(dataDirectory: String, account: Account) {
        let path = FilePath(dataDirectory)
        let here = FilePath(FileManager.default.currentDirectoryPath)
        root = (path.isAbsolute ? path : here.pushing(path)).lexicallyNormalized()
        self.account = account
    }

    var database: FilePath { root.appending("postgres") }
    var settings: FilePath { root.appending("settings") }
    var configuration: FilePath { settings.appending("postgresql.conf") }
    var secrets: FilePath { root.appending("secrets") }
    var log: File { File(root.appending("log/postgres.log")) }
    var startLock: FilePath { root.appending("start.lock") }
    var servingLock: FilePath { root.appending("serving.lock") }

    /// The major version that made the cluster, or nil before there is one.
    var version: String? {
        get throws { try File(database.appending("PG_VERSION")).contents()?.trimmed }
    }

    /// What the file that a running PostgreSQL keeps says, if there is one.
    var postmaster: Postmaster? {
        get throws { try postmasterFile.contents().flatMap { Postmaster(file: $0, in: database) } }
    }

    private var postmasterFile: File { File(database.appending("postmaster.pid")) }
}

extension Layout {
    /// Makes the data directory itself. Others may pass through only where PostgreSQL is such another.
    func prepareRoot() throws {
        let us = Account.current
        try checkTraversable()
        try Folder(path: root, owner: us, mode: us == account ? 0o700 : 0o711).prepareWithParents()
        try checkTraversable()
    }

    private func checkTraversable() throws {
        for directory in root.ancestry where Entry(directory)?.isTraversable(by: account) == false {
            throw ClusterFailure(.notTraversable(directory: directory.string, account: account.name))
        }
    }

    /// Makes what a start needs, or fails with what stands in its way.
    func prepare() throws {
        try prepareRoot()
        try Folder(path: settings, owner: .current, mode: 0o755).prepare()
        try Folder(path: secrets, owner: .current, mode: 0o700).prepare()
        try Folder(path: log.path.removingLastComponent(), owner: account, mode: 0o700).prepare()
    }

    /// Fails unless the data directory is there and ours.
    func checkPresent() throws {
        guard Entry(root) != nil else { throw ClusterFailure(.notRunning(directory: root.string)) }
        try prepareRoot()
    }

    /// How the name of a cluster begins that is being made, or was when its maker was killed.
    static let halfMade = "postgres.new."

    /// The clusters that were never finished.
    var leftovers: [FilePath] {
        get throws {
            let names = try FileManager.default.contentsOfDirectory(atPath: root.string)
            return names.filter { $0.hasPrefix(Self.halfMade) }.map { root.appending($0) }
        }
    }

    /// Takes away the files of a PostgreSQL that is known to be gone: the next refuses to start while any process has the id in them.
    func removeStale(socket: SocketDirectory) throws {
        for file in [postmasterFile.path, socket.lockFile] {
            guard unlink(file.string) == 0 || errno == ENOENT else {
                throw ClusterFailure(.file(path: file.string, why: Errno.current.description))
            }
        }
    }

    /// Puts the last log aside, so that a failed start has only itself to tell of.
    func rotateLog() throws {
        guard Entry(log.path) != nil else { return }
        try log.path.rename(to: FilePath(log.path.string + ".1"))
    }

    /// The end of PostgreSQL's log.
    var logTail: String {
        get throws { (try log.contents() ?? "").tail }
    }
}

extension StringProtocol {
    var trimmed: String { String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()) }

    /// The last lines: what a person needs of a program's output that ends in an error.
    var tail: String { split(whereSeparator: \.isNewline).suffix(12).joined(separator: "\n") }
}
