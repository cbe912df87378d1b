import Foundation
import Tenancy
import Testing

@testable import Server
@testable import Storage
@testable import Web

/// Whether the matrix would notice mistakes: rules are changed while the server runs, and some cell must differ for each, but for those in
/// ``Equivalents``, which change no answer.
/// `make mutate` makes every mistake; otherwise the first two kinds are a sample.
@Suite struct MutationTests {
    private static let all = ProcessInfo.processInfo.environment["PALIMPSEST_MUTATE"] != nil

    @Test(arguments: all ? Mutation.allCases : [.raised, .turned])
    func everyMistakeInARuleIsNoticed(_ mutation: Mutation) async throws {
        var mutated: Set<String> = []
        let operations = Compose.operations.map { operation in
            guard let decision = mutation.mutate(operation.decision) else { return operation }
            mutated.insert(operation.id)
            var operation = operation
            operation.decision = decision
            return operation
        }
        let faults = try await Tester.with(.enterprise) { tester in try await Matrix(tester, .enterprise).faults(operations) }
        let survivors = mutated.subtracting(faults.keys)
        let summary = "\(mutation): \(mutated.count - survivors.count) of \(mutated.count) noticed"
        let declared = Equivalents.operations(mutation)
        #expect(survivors.subtracting(declared) == [], "\(summary); these want a cell that notices, or a reason in Equivalents")
        #expect(declared.subtracting(survivors) == [], "\(summary); these are noticed after all, or are no operations")
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
