import FoundationEssentials
import SystemPackage

/// The passwords of the cluster's two roles, in files that only the server's own account can read.
struct Secrets: Sendable {
    let owner: String
    let app: String

    /// Reads the passwords; a cluster that is yet to be made gets new ones.
    init(of layout: Layout) throws {
        let isNew = try layout.version == nil
        func password(_ name: String) throws -> String {
            let file = File(layout.secrets.appending(name))
            if let known = try file.contents()?.trimmed, !known.isEmpty { return known }
            guard isNew else { throw ClusterFailure(.secretMissing(path: file.path.string)) }
            let fresh = String.password()
            try file.replace(with: fresh + "\n", mode: 0o600)
            return fresh
        }
        owner = try password("owner.password")
        app = try password("app.password")
    }
}

extension String {
    /// 256 random bits, in letters that need no quoting anywhere.
    fileprivate static func password() -> String {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        return Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
