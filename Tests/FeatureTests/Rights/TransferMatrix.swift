import HTTPTypes
import Shapes
import Storage
import Tenancy
import Testing

@testable import Server
@testable import Web

/// The routes for bytes, by every role, without the capability that clients find in answers: `CapabilityTests` are about these.
extension Matrix {
    /// Asks every cell of every transfer.
    /// - Parameter mutated: what is served in their place; what is expected still follows from the declared ones.
    /// - Returns: what was not as expected, by transfer.
    func faults(_ mutated: [Transfer]) async throws -> [String: [String]] {
        let served = try tester.serving(transfers: mutated)
        let rehearsed = try tester.serving(transfers: mutated, ending: Self.ending)
        var faults: [String: [String]] = [:]
        for transfer in Compose.transfers {
            let tester = transfer.method == .get ? served : rehearsed
            for role in Role.allCases {
                for place in Place.closed {
                    let cell = Cell(role: role, place: place, edition: edition)
                    if let fault = try await fault(transfer, cell, tester) { faults[transfer.id, default: []].append(fault) }
                }
            }
        }
        return faults
    }

    private func fault(_ transfer: Transfer, _ cell: Cell, _ tester: Tester) async throws -> String? {
        let input = try #require(seeds[cell.place]).input(of: transfer)
        let answer = try await tester.send(transfer.method, transfer.path.filled(with: input), nil, as: try #require(callers[cell.role]))
        // Without a capability, only those who have a right.
        let expected = transfer.decision.map(cell.expected) ?? .forbidden
        if Outcome(answer) != expected { return "\(transfer.id), \(cell): \(expected) is expected, not \(answer)" }
        if let seen = hidden(in: cell).first(where: answer.text.contains) { return "\(transfer.id), \(cell): shows \(seen)" }
        return nil
    }
}
