import SystemPackage

/// What kind of cluster it is: who owns it, who may come in, and how it is set.
package struct Profile: Sendable {
    /// The role that `initdb` makes, a superuser.
    let owner: String
    /// The lines of `pg_hba.conf`.
    let access: [String]
    /// Settings that differ from PostgreSQL's own.
    let settings: [String: String]
    /// Whether data has to survive a power cut.
    let durable: Bool

    /// For one person's server: everybody needs a password.
    package static func standalone(durable: Bool) -> Profile {
        Profile(
            owner: Endpoint.ownerRole, access: ["local all all scram-sha-256"],
            settings: common.merging(durable ? [:] : hasty) { $1 }, durable: durable)
    }

    /// For tests: the socket's directory keeps strangers out, and those inside are trusted, but for a role to try passwords with. Whoever
    /// asks for a synchronous commit waits for ever, kept but not answered, since there is no standby.
    package static let testing = Profile(
        owner: "postgres", access: ["local all password_probe scram-sha-256", "local all all trust"],
        settings: common.merging(hasty) { $1 }
            .merging(["max_connections": "200", "synchronous_standby_names": "nobody"]) { $1 }, durable: false)

    /// For a laptop: little memory, a disk without moving parts, many small updates.
    private static let common = [
        "autovacuum_vacuum_scale_factor": "0.02", "jit": "off", "log_min_messages": "warning", "log_timezone": "UTC",
        "max_connections": "50", "random_page_cost": "1.1", "shared_buffers": "64MB", "timezone": "UTC", "wal_compression": "on",
    ]

    private static let hasty = ["fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"]
}

extension Profile {
    /// Writes the settings where a start finds them.
    ///
    /// They are kept outside of PostgreSQL's directory: a root that writes where another account may write could be led astray by a link.
    func write(to layout: Layout, socket: SocketDirectory) throws {
        let access = File(layout.settings.appending("pg_hba.conf"))
        let fixed = [
            "hba_file": access.path.string, "listen_addresses": "", "port": "\(Postmaster.port)",
            "unix_socket_directories": socket.path.string.quotedInList, "unix_socket_permissions": "0700",
        ]
        let lines = settings.merging(fixed) { $1 }.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value.quotedAsSetting)" }
        let note = "# Written at each start. For settings of your own there is ALTER SYSTEM.\n"
        try access.replace(with: self.access.joined(separator: "\n") + "\n", mode: 0o644)
        try File(layout.configuration).replace(with: note + lines.joined(separator: "\n") + "\n", mode: 0o644)
    }
}

extension String {
    fileprivate var quotedAsSetting: String { "'\(replacing("\\", with: "\\\\").replacing("'", with: "''"))'" }

    /// An item of a list of names, where a comma would begin the next one.
    fileprivate var quotedInList: String { "\"\(replacing("\"", with: "\"\""))\"" }
}
