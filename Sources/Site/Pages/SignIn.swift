import Shapes
import Web

extension Page {
    static let signIn = Page("/login", "login", for: .everyone) { visit in
        ["title": .string(visit.shell.word("sign_in")), "next": .string(visit.query("next") ?? visit.refused?.fields["next"] ?? "")]
    }
}

extension Form {
    static let signIn = Form("/login", on: .signIn) { visit, fields in
        let answer = try await visit.api.call(
            "Login", ["body": ["email": .string(fields["email"] ?? ""), "password": .string(fields["password"] ?? "")]],
            by: visit.visitor.caller, in: visit.request, logger: visit.logger)
        return Done(location: ownAddress(fields["next"]) ?? "/projects", headers: answer.headers)
    }

    static let signOut = Form("/logout", on: .signIn) { visit, _ in
        let answer = try await visit.api.call("Logout", [:], by: visit.visitor.caller, in: visit.request, logger: visit.logger)
        return Done(location: "/login", headers: answer.headers)
    }

    /// Nobody is sent to another server after sending a form.
    static func ownAddress(_ next: String?) -> String? {
        next.flatMap { $0.hasPrefix("/") && !$0.hasPrefix("//") && !$0.contains("\\") ? $0 : nil }
    }
}
