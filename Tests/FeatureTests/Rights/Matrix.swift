import Postgres
import Shapes
import Tenancy
import Testing

@testable import Server
@testable import Web

/// Every operation by every role, on one seeded database: what changes something ends in a refusal, so that nothing is kept.
struct Matrix: Sendable {
    let edition: Preparation.Edition
    let tester: Tester
    let callers: [Role: Tester.Caller]
    let seeds: [Place: Seed]

    /// Seeds the tester's database.
    init(_ tester: Tester, _ edition: Preparation.Edition) async throws {
        self.tester = tester
        self.edition = edition
        let own = try await Seed(tester, "zqown")
        var callers: [Role: Tester.Caller] = [
            .anonymous: .nobody, .instanceAdministrator: .administrator, .task: try #require(own.task).caller,
            .reader: .token(try await tester.token(scope: "read")),
        ]
        for (role, level) in [(Role.stranger, nil), (.guest, 10), (.contributor, 50), (.admin, 100)] {
            let person = try await tester.person("the-\(role)@example.org")
            if let level { try await tester.admit(person, to: own, level) }
            callers[role] = .token(try await tester.token(of: person))
        }
        var foreign = Seed.nowhere
        if edition == .enterprise {
            // With two tenants, only hosts tell which one somebody without a secret means.
            try await tester.asOwner("UPDATE tenant SET host = 'localhost'")
            let other = try await tester.secondTenant()
            let token = try await tester.token(in: other)
            callers[.foreigner] = .token(token)
            foreign = try await Seed(tester.acting(as: token), "zqforeign", in: other)
        } else {
            callers[.foreigner] = .token(Secret(in: ID<Tenant>()).text)
        }
        try await tester.asOwner(
            """
            UPDATE user_account SET can_create_workers = true, can_manage_workers = true, can_upload_images = true,
              can_create_iiif_images = true
            """)
        self.callers = callers
        var seeds: [Place: Seed] = [.own: own, .elsewhere: try await Seed(tester, "zqelsewhere"), .foreign: foreign]
        if edition == .enterprise {
            let open = try await Seed(tester, "zqopen")
            try await tester.asOwner("UPDATE corpus SET public = true WHERE id = $1", [.text(try #require(open.identifiers[.corpus]))])
            seeds[.open] = open
        }
        self.seeds = seeds
    }

    /// What an answer may not contain, whoever asks for what: things that this caller may not see.
    func hidden(in cell: Cell) -> [String] {
        Place.allCases.filter { Cell(role: cell.role, place: $0, edition: edition).held(on: .corpus) == nil }.compactMap { seeds[$0]?.mark }
    }

    /// The cells of one operation: every role, and every place if it is about a thing.
    func cells(of operation: Web.Operation) -> [Cell] {
        let decision = operation.decision
        let places = decision.kind == nil && decision.demands.isEmpty ? [Place.own] : Place.closed
        let closed = Role.allCases.flatMap { role in places.map { Cell(role: role, place: $0, edition: edition) } }
        return closed + openCells(of: decision)
    }

    /// Who has no membership reads what is public, and those who have not signed in do.
    private func openCells(of decision: Decision) -> [Cell] {
        guard edition == .enterprise, decision.level == .guest, let root = decision.kind?.root, [.corpus, .image].contains(root) else {
            return []
        }
        return [.anonymous, .stranger].map { Cell(role: $0, place: .open, edition: edition) }
    }

    /// What every segment that writes ends with.
    static let ending = Call("SELECT refuse(299, 'rehearsed', 'It would have been done.')")

    /// Asks every cell of every operation.
    /// - Parameter mutated: what is served in their place; what is expected still follows from the declared ones.
    /// - Returns: what was not as expected, by operation.
    func faults(_ mutated: [Web.Operation] = Compose.operations) async throws -> [String: [String]] {
        let served = try tester.serving(tester.carriedOut(mutated))
        let rehearsed = try tester.serving(tester.carriedOut(mutated), ending: Self.ending)
        let faults = try await withThrowingTaskGroup(of: [(String, String)].self) { group in
            // As many at once as the pool has connections.
            for share in 0..<3 {
                group.addTask {
                    var faults: [(String, String)] = []
                    for (number, operation) in Compose.operations.enumerated() where number % 3 == share {
                        let tester = operation.decision.writes ? rehearsed : served
                        for cell in cells(of: operation) {
                            if let fault = try await fault(operation, cell, tester) { faults.append((operation.id, fault)) }
                        }
                    }
                    return faults
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        return Dictionary(grouping: faults, by: \.0).mapValues { $0.map(\.1) }
    }

    /// Calls every operation for real on a place's things, and keeps what comes of it.
    /// - Returns: where an answer showed them.
    func attack(_ place: Place, as roles: [Role], through operations: [Web.Operation]) async throws -> [String] {
        let served = try tester.serving(tester.carriedOut(operations))
        let seed = try #require(seeds[place])
        var shown: [String] = []
        for operation in Compose.operations where !["Login", "Logout", "ChangePassword"].contains(operation.id) {
            for role in roles {
                let answer = try await served.call(operation, seed.input(of: operation), as: try #require(callers[role]))
                if answer.text.contains(seed.mark) { shown.append("\(operation.id), \(role): \(answer)") }
            }
        }
        return shown
    }

    private func fault(_ operation: Web.Operation, _ cell: Cell, _ tester: Tester) async throws -> String? {
        let seed = try #require(seeds[cell.place])
        if let kind = operation.decision.kind, seed.identifiers[kind] == nil { return "\(operation.id): Seed has no \(kind)" }
        let answer = try await tester.call(operation, seed.input(of: operation), as: try #require(callers[cell.role]))
        let expected = Exceptions.outcome(of: operation, cell) ?? cell.expected(operation.decision)
        if Outcome(answer) != expected { return "\(operation.id), \(cell): \(expected) is expected, not \(answer)" }
        if let seen = hidden(in: cell).first(where: answer.text.contains) { return "\(operation.id), \(cell): shows \(seen): \(answer)" }
        return nil
    }
}

extension Tester {
    /// The operations as they work here, on this test's files, with the decisions of these.
    func carriedOut(_ decided: [Web.Operation]) -> [Web.Operation] {
        let decisions = Dictionary(decided.map { ($0.id, $0.decision) }) { first, _ in first }
        return Compose.operations(files, vault, OutsideServers()).map { operation in
            var operation = operation
            operation.decision = decisions[operation.id] ?? operation.decision
            return operation
        }
    }

    /// Memberships on all that was seeded.
    func admit(_ person: ID<User>, to seed: Seed, _ level: Int) async throws {
        let objects: [(String, String?)] = [
            ("corpus_id", seed.identifiers[.corpus]), ("corpus_id", seed.deletedCorpus), ("worker_id", seed.identifiers[.worker]),
            ("model_id", seed.identifiers[.model]),
        ]
        for (column, object) in objects {
            try await asOwner(
                "INSERT INTO membership (tenant_id, id, user_id, \(column), level) VALUES ($1, uuid7(), $2, $3, $4::integer)",
                [tenant.parameter, person.parameter, .text(try #require(object)), .text("\(level)")])
        }
        try await asOwner(
            "INSERT INTO group_member (tenant_id, id, group_id, user_id, level) VALUES ($1, uuid7(), $2, $3, $4::integer)",
            [tenant.parameter, .text(try #require(seed.identifiers[.group])), person.parameter, .text("\(level)")])
    }
}
