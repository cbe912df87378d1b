import Tenancy

@testable import Server
@testable import Web

/// Who asks, in the matrix.
enum Role: String, CaseIterable, Sendable {
    case anonymous, stranger, guest, contributor, admin, instanceAdministrator
    /// A token for reading of somebody who is an administrator of everything.
    case reader
    /// A running task of the seeded process.
    case task
    /// An instance administrator of another tenant.
    case foreigner
}

/// Whose things are asked for.
enum Place: String, CaseIterable, Sendable {
    /// Where guest, contributor and admin are members, and where the task runs.
    case own
    /// In the same tenant, with no members but its maker.
    case elsewhere
    /// In another tenant; in the Community edition, where there is no other, ids that nobody has.
    case foreign
    /// A public project of the same tenant, with no members but its maker.
    case open

    /// Where nothing is for everyone.
    static let closed: [Place] = [.own, .elsewhere, .foreign]
}

extension Access.Kind {
    /// What decides on a thing of this kind.
    enum Root {
        case corpus, worker, model
        /// Seen by whoever has access to its worker, and changed by instance administrators.
        case secret
        /// What everyone who has signed in may see.
        case instance
        /// Seen by whoever sees an element on it, and changed by whoever brought it or may do everything.
        case image
        /// Background work: seen by whoever asked for it and by the administrators of its corpus.
        case work
        /// What people are to one another: nothing for tasks.
        case people
    }

    /// A kind that does not hang on a corpus says so here; `Seed.identifiers` says which thing of a kind to ask for.
    var root: Root {
        switch self {
        case .worker, .workerVersion, .workerConfiguration: .worker
        case .model, .modelVersion: .model
        case .image: .image
        case .user: .instance
        case .secret: .secret
        case .group, .membership: .people
        case .job: .work
        default: .corpus
        }
    }
}

/// What a cell of the matrix comes to.
enum Outcome: String, Sendable {
    /// 401, 403 and 404; a 404 also where a 400 says that what the body names does not exist.
    case unauthenticated, forbidden, hidden
    /// Let through: done, or refused for other reasons than rights.
    case allowed
    /// Anything from 500 on.
    case broken

    init(_ answer: Answer) {
        self =
            switch answer.status {
            case 401: .unauthenticated
            case 403: .forbidden
            case 404: .hidden
            case 400 where answer.codes.contains("does_not_exist"): .hidden
            case 500...: .broken
            default: .allowed
            }
    }
}

/// One cell: who asks for whose thing, in which edition.
struct Cell: Hashable, Sendable, CustomStringConvertible {
    var role: Role
    var place: Place
    var edition: Preparation.Edition

    var description: String { "\(role) on \(place), \(edition.rawValue)" }

    /// The level that the rules 1.2, 1.3 and 2 give; nil for what is hidden.
    func held(on kind: Access.Kind) -> Int? {
        if place == .open, let level = openLevel(kind) { return level }
        if role == .anonymous || (kind.root == .secret && edition == .community) { return nil }
        guard place != .foreign else { return role == .foreigner && edition == .enterprise ? level(100, kind) : nil }
        guard role != .foreigner else { return nil }
        if role == .task { return taskLevel(kind) }
        if edition == .community || role == .instanceAdministrator || role == .reader { return level(100, kind) }
        if kind.root == .instance { return 10 }
        guard place == .own else { return nil }
        if kind.root == .work && role != .admin { return nil }
        if [.image, .secret].contains(kind.root) { return [.guest, .contributor, .admin].contains(role) ? 10 : nil }
        return switch role {
        case .guest: 10
        case .contributor: 50
        case .admin: 100
        default: nil
        }
    }

    /// Rule 2.1: a public corpus is read by everyone, and by whoever has not signed in.
    private func openLevel(_ kind: Access.Kind) -> Int? {
        [.anonymous, .stranger, .guest, .contributor, .admin].contains(role) && [.corpus, .image].contains(kind.root) ? 10 : nil
    }

    /// Reading operations on what is public do not ask who reads.
    private func isForEveryone(_ decision: Decision) -> Bool {
        place == .open && decision.level == .guest && !decision.writes && [.corpus, .element, .image].contains(decision.kind)
    }

    private func level(_ level: Int, _ kind: Access.Kind) -> Int { kind.root == .instance ? 10 : level }

    private func taskLevel(_ kind: Access.Kind) -> Int? {
        switch kind.root {
        case .instance, .people, .secret: nil
        case .image: place == .own ? 10 : nil
        case .corpus: place == .own ? 50 : nil
        case .worker, .model: place == .own ? 10 : nil
        case .work: nil
        }
    }

    private var administratesAnInstance: Bool { [.instanceAdministrator, .reader, .foreigner].contains(role) }

    /// What the declared decision comes to here.
    func expected(_ decision: Decision) -> Outcome {
        guard decision.readsCredentials else { return .allowed }
        if role == .foreigner && edition == .community { return .unauthenticated }
        if role == .reader && decision.writes { return .forbidden }
        if role == .anonymous && decision.level != .anyone && !isForEveryone(decision) { return .unauthenticated }
        switch decision.level {
        case .person where role == .task, .task where role != .task: return .forbidden
        case let level where level.rawValue >= Access.Level.instanceAdministrator.rawValue && !administratesAnInstance: return .forbidden
        default: break
        }
        var demands = decision.demands
        if let kind = decision.kind { demands.insert(.init(level: decision.level, kind: kind), at: 0) }
        for demand in demands {
            guard let held = held(on: demand.kind) else { return .hidden }
            if held < demand.level.rawValue { return .forbidden }
        }
        return decision.isEnterpriseOnly && edition == .community ? .hidden : .allowed
    }
}
