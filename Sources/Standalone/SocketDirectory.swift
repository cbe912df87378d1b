import FoundationEssentials
import Glibc
import SystemPackage

/// The directory that holds PostgreSQL's socket: `run` in the data directory, unless that makes the socket's path too long.
struct SocketDirectory {
    let path: FilePath
    private let account: Account

    init(for layout: Layout, environment: [String: String] = ProcessInfo.processInfo.environment) {
        let candidates = [layout.root.appending("run")] + Self.short(for: layout, environment)
        path = candidates.first { Self.fits($0) } ?? layout.root.appending("run")
        account = layout.account
    }

    /// Makes the directory, which only PostgreSQL's account, and root, may enter.
    func prepare() throws {
        try Folder(path: path, owner: account, mode: 0o700).prepare()
    }

    /// What PostgreSQL keeps beside its socket.
    var lockFile: FilePath { FilePath(Postmaster.socket(in: path.string) + ".lock") }

    /// Places with short names. A user's runtime directory is closed to the account that root would run PostgreSQL under.
    private static func short(for layout: Layout, _ environment: [String: String]) -> [FilePath] {
        let hash = String(layout.root.string.fnv1a, radix: 36)
        let runtime = layout.account == .current ? environment["XDG_RUNTIME_DIR"] : nil
        return [
            runtime.flatMap { Entry(FilePath($0)) != nil ? FilePath($0).appending("palimpsest-\(hash)") : nil },
            FilePath("/tmp/palimpsest-\(layout.account.user)-\(hash)"),
        ].compactMap(\.self)
    }

    private static func fits(_ directory: FilePath) -> Bool {
        Postmaster.socket(in: directory.string).utf8.count <= longest
    }

    /// `sun_path` has 108 bytes, the last of them zero.
    private static let longest = 107
}

extension String {
    /// A hash that is the same in every process, unlike `hashValue`: Fowler, Noll and Vo's of 64 bits.
    fileprivate var fnv1a: UInt64 {
        utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
