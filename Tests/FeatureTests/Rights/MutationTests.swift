import Foundation
import Tenancy
import Testing

@testable import Server
@testable import Storage
@testable import Web

/// Whether the matrix would notice mistakes: rules are changed while the server runs, and some cell must differ for each.
/// `make mutate` makes every mistake; otherwise the first two kinds are a sample.
@Suite struct MutationTests {
    private static let all = ProcessInfo.processInfo.environment["PALIMPSEST_MUTATE"] != nil

    /// Lower rules need not be noticed: the operation's own statements, or the policies, refuse just as well.
    private static func isNoticed(_ mutation: Mutation) -> Bool { mutation == .raised || mutation == .turned }

    @Test(arguments: all ? Mutation.allCases : [.raised, .turned])
    func everyMistakeInARuleIsNoticed(_ mutation: Mutation) async throws {
        var mutated: Set<String> = []
        let operations = Compose.operations.map { operation in
            guard Exceptions.rows[operation.id] == nil,
                let decision = mutation.mutate(operation.decision)
            else { return operation }
            // Who sees a piece of background work may do with it all there is: between the levels there is no difference.
            if operation.decision.kind?.root == .work && mutation != .turned { return operation }
            // Whether a task's own operation writes makes no difference: a task's token has no scope.
            if mutation == .turned && decision.level == .task { return operation }
            // That a guest may leave is asked by MembershipTests: in the matrix nobody asks for a membership of their own.
            if operation.id == "DestroyMembership" && mutation == .raised { return operation }
            mutated.insert(operation.id)
            var operation = operation
            operation.decision = decision
            return operation
        }
        let faults = try await Tester.with(.enterprise) { tester in try await Matrix(tester, .enterprise).faults(operations) }
        let survivors = mutated.subtracting(faults.keys)
        let summary = "\(mutation): \(mutated.count - survivors.count) of \(mutated.count) noticed"
        if Self.isNoticed(mutation) {
            #expect(survivors == [], "\(summary)")
        } else {
            print("\(summary); the database alone refuses as well: \(survivors.sorted().joined(separator: " "))")
            #expect(survivors.count < mutated.count / 2, "\(summary)")
        }
        #expect(Set(faults.keys).subtracting(mutated) == [], "\(summary)")
    }

    /// The same with the gates of the routes for bytes. Who may send the file of an image may do everything: there is no level beyond.
    @Test(arguments: [Mutation.raised, .turned])
    func everyMistakeInAGateIsNoticed(_ mutation: Mutation) async throws {
        var mutated: Set<String> = []
        let transfers = Compose.transfers.map { transfer in
            guard let decision = transfer.decision.flatMap(mutation.mutate), transfer.decision?.level == .guest || mutation == .turned
            else {
                return transfer
            }
            mutated.insert(transfer.id)
            var transfer = transfer
            transfer.decision = decision
            return transfer
        }
        let faults = try await Tester.with(.enterprise) { tester in try await Matrix(tester, .enterprise).faults(transfers) }
        #expect(!mutated.isEmpty && Set(faults.keys) == mutated, "\(mutation)")
    }

    /// The same with the functions of the database: each is replaced by one that forgets something.
    @Test(arguments: DatabaseMutation.all)
    func everyMistakeInTheDatabaseIsNoticed(_ mutation: DatabaseMutation) async throws {
        let faults = try await Tester.with(.enterprise) { tester in
            let matrix = try await Matrix(tester, .enterprise)
            try await tester.mutate(mutation)
            return try await matrix.faults()
        }
        let missed = Compose.operations.filter {
            mutation.concerns($0.decision) && $0.decision.kind?.root != .work
                && Exceptions.rows[$0.id] == nil && faults[$0.id] == nil
        }.map(\.id)
        #expect(missed == [], "\(mutation.name)")
    }
}
