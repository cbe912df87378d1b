import ArgumentParser
import Postgres
import Standalone

extension AsyncParsableCommand {
    /// Runs a command, and ends with the code that its failure stands for: 1 failed, 2 usage, 3 database unreachable, 4 schema behind.
    func reporting(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let usage as ValidationError {
            try stop(usage.message, code: Palimpsest.usage)
        } catch let failure as PostgresFailure {
            let unreachable: [PostgresFailure.Code] = [.unreachable, .authentication, .connectionLost, .invalidConnectionString, .timeout]
            try stop(failure.description, code: unreachable.contains(failure.code) ? 3 : 1)
        } catch let behind as SchemaBehind {
            try stop(behind.description, code: 4)
        } catch let failure as any CommandFailure {
            try stop("\(failure)", code: 1)
        }
    }

    private func stop(_ sentence: String, code: Int32) throws {
        complain("palimpsest: \(sentence)")
        throw ExitCode(code)
    }
}

/// A failure that its description explains to whoever typed the command.
protocol CommandFailure: Error, CustomStringConvertible {}
extension PreparationFailure: CommandFailure {}
extension ClusterFailure: CommandFailure {}
extension Migrator.Divergence: CommandFailure {}
extension Migrator.FileFailure: CommandFailure {}

/// A sentence for whoever typed the command.
struct Refusal: CommandFailure {
    let description: String
}

/// The database has not been brought to this program's schema.
struct SchemaBehind: Error, CustomStringConvertible {
    let faults: [String]
    var description: String { faults.joined(separator: "\n") }
}
