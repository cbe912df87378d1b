import CLibPQ

/// A checked connection string with our defaults, as the keywords and values that libpq connects with.
struct Address: Sendable {
    let keywords: [String]
    let values: [String]

    /// What the string may overrule. A peer that vanished is noticed within a minute instead of two hours;
    /// GSS encryption would cost a round trip at each connect and nearly nobody has it.
    private static let defaults = [
        "gssencmode": "disable", "keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3", "tcp_user_timeout": "60000",
    ]

    /// - Throws: `invalidConnectionString` without libpq's message, since that quotes the string, password and all.
    init(_ connectionString: String, applicationName: String) throws(PostgresFailure) {
        guard !connectionString.holdsNUL, var settings = Self.parse(connectionString) else {
            throw PostgresFailure(.invalidConnectionString)
        }
        settings.merge(Self.defaults) { chosen, _ in chosen }
        settings.merge(["application_name": applicationName]) { chosen, _ in chosen }
        settings["client_encoding"] = "UTF8"
        keywords = settings.keys.sorted()
        values = keywords.map { settings[$0, default: ""] }
    }

    private static func parse(_ connectionString: String) -> [String: String]? {
        var complaint: UnsafeMutablePointer<CChar>?
        defer { PQfreemem(complaint) }
        guard let options = PQconninfoParse(connectionString, &complaint) else { return nil }
        defer { PQconninfoFree(options) }
        var settings: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { settings[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return settings
    }

    /// Runs `body` with the two NULL-terminated arrays of C strings that libpq wants.
    func withCStrings<R>(_ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<UnsafePointer<CChar>?>?) -> R) -> R {
        let copies = [keywords, values].map { $0.map { UnsafePointer(strdup($0)) } + [nil] }
        defer { copies.joined().forEach { free(UnsafeMutablePointer(mutating: $0)) } }
        return copies[0].withUnsafeBufferPointer { keywords in
            copies[1].withUnsafeBufferPointer { values in body(keywords.baseAddress, values.baseAddress) }
        }
    }
}
