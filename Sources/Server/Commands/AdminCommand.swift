import ArgumentParser
import Deletion
import FoundationEssentials
import Jobs
import Postgres
import Tenancy

struct AdminCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin", abstract: "Look after background work and secrets.",
        subcommands: [ListJobsCommand.self, PurgeNowCommand.self, RekeySecrets.self])
}

struct ListJobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs", abstract: "List jobs that wait, run or have failed, and how long the oldest has waited.")

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var tenant: TenantOptions

    func run() async throws {
        try await reporting {
            try await tenant.withScope(database) { scope in
                let backlog = try await Jobs.backlog(scope)
                for job in backlog.jobs { print(job) }
                print(backlog)
            }
        }
    }
}

struct PurgeNowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge-now", abstract: "Purge what a deletion has hidden, before its time is over. It cannot be undone any more.")

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var tenant: TenantOptions
    @Option(help: "The deletion's id, as ListDeletions tells it.") var deletion: String

    func run() async throws {
        try await reporting {
            guard let id = ID<WorkerResultsDeletion>(deletion) else { throw ValidationError("--deletion must be a UUID.") }
            do {
                try await tenant.withScope(database) { try await Deletion.purgeNow(id, $0) }
            } catch let failure as PostgresFailure where failure.sqlState == "PL404" {
                throw Refusal(description: "There is no such deletion.")
            } catch let failure as PostgresFailure where failure.sqlState == "PL409" {
                throw Refusal(description: "This deletion has been undone, or purged already.")
            }
            print("The purge begins as soon as a server takes it up.")
        }
    }
}
