import Tenancy

@testable import Web

/// A mistake that somebody could make in a rule.
enum Mutation: String, CaseIterable, Sendable {
    /// One level more than declared is asked for.
    case raised
    /// One level less.
    case lowered
    /// Reading is taken for writing, and writing for reading.
    case turned
    /// The resource is not asked for at all.
    case forgotten

    /// - Returns: nil where this mistake cannot be made.
    func mutate(_ decision: Decision) -> Decision? {
        var mutated = decision
        switch self {
        case .raised:
            guard decision.readsCredentials, let level = Self.ladder(decision.level).after else { return nil }
            mutated.level = level
        case .lowered:
            guard let level = Self.ladder(decision.level).before else { return nil }
            mutated.level = level
            if level.rawValue < Access.Level.guest.rawValue { mutated.kind = nil }
        case .turned:
            guard decision.readsCredentials else { return nil }
            mutated.writes.toggle()
        case .forgotten:
            guard decision.kind != nil else { return nil }
            mutated.kind = nil
            mutated.level = .signedIn
        }
        return mutated
    }

    private static func ladder(_ level: Access.Level) -> (before: Access.Level?, after: Access.Level?) {
        switch level {
        case .anyone: (nil, .signedIn)
        case .signedIn: (.anyone, .person)
        case .person: (.signedIn, .instanceAdministrator)
        case .task: (.signedIn, .person)
        case .guest: (.signedIn, .contributor)
        case .contributor: (.guest, .admin)
        case .admin: (.contributor, .instanceAdministrator)
        default: (.person, nil)
        }
    }
}
