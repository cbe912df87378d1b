import Glibc

/// The Unix account that PostgreSQL runs under.
struct Account: Sendable, Equatable {
    let name: String
    let user: uid_t
    let group: gid_t

    /// Our own account, or Debian's `postgres` when we are root, which PostgreSQL refuses to be.
    static func forPostgres() throws -> Account {
        guard geteuid() == 0 else { return current }
        guard let account = Account(named: "postgres") else { throw ClusterFailure(.accountMissing("postgres")) }
        return account
    }

    /// Who we are.
    static var current: Account {
        Account(user: geteuid()) ?? Account(name: "\(geteuid())", user: geteuid(), group: getegid())
    }
}

extension Account {
    /// The words that run a program under this account. `setpriv` changes to it, in a process of one thread: between fork and exec
    /// of one with many, changing the user can wait for ever for a lock of the C library that a thread left behind holds.
    func command(_ program: String, _ arguments: [String]) -> [String] {
        guard user != geteuid() else { return [program] + arguments }
        return ["/usr/bin/setpriv", "--reuid=\(user)", "--regid=\(group)", "--clear-groups", "--inh-caps=-all", "--", program] + arguments
    }

    init?(named name: String) {
        self.init { getpwnam_r(name, $0, $1, $2, $3) }
    }

    init?(user: uid_t) {
        self.init { getpwuid_r(user, $0, $1, $2, $3) }
    }

    private typealias Lookup = (
        UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int, UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
    ) -> Int32

    /// The entry that `lookup` finds. The buffer takes the strings of one line of the password file, and no line is that long.
    private init?(_ lookup: Lookup) {
        let found = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer -> Account? in
            var entry = passwd()
            var result: UnsafeMutablePointer<passwd>?
            guard let strings = buffer.baseAddress, lookup(&entry, strings, buffer.count, &result) == 0, result != nil else { return nil }
            return Account(name: String(cString: entry.pw_name), user: entry.pw_uid, group: entry.pw_gid)
        }
        guard let found else { return nil }
        self = found
    }
}
