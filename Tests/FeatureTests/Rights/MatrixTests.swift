import Hummingbird
import Postgres
import Storage
import SystemPackage
import Tenancy
import Testing
import Workers

@testable import Server
@testable import Site
@testable import Web

/// Rule 2.8: operation × role × whose thing × edition. The table is what the operations declare; `Exceptions` has the rest.
extension OperationTests {
    @Test(arguments: [Preparation.Edition.community, .enterprise])
    func everyCellOfTheMatrixIsAsDeclared(_ edition: Preparation.Edition) async throws {
        let faults = try await Tester.with(edition) { tester in
            let matrix = try await Matrix(tester, edition)
            async let operations = matrix.faults()
            async let transfers = matrix.faults(Compose.transfers)
            async let pages = matrix.pageFaults() + matrix.formFaults()
            return try await [operations, transfers].flatMap { $0.values.joined() } + pages
        }
        for fault in faults.sorted() { Issue.record("\(fault)") }
    }

    @Test func everyPageAboutAThingSaysWhoMaySeeIt() {
        #expect(Site.pages.filter { $0.path.contains("{id}") != ($0.subject != nil) }.map(\.path) == [])
    }

    /// By its rule: a level on a resource, what its statements ask (`asking`), or that there is nothing to ask (`own`).
    @Test func everyOperationSaysWhoMayCallIt() {
        let undecided = Compose.operations.filter { !$0.decision.isMade }.map(\.id)
        #expect(undecided == [])
    }

    /// Whatever answers below `/api/` without being in a table is listed here: anybody may have it.
    @Test func everyRouteIsAnOperation() throws {
        let pool = Pool(Configuration(connectionString: ""), logger: TestDatabase.logger)
        let files = FileStore(directory: "/tmp/none")
        let routes = try Compose.router(Tenancy(pool: pool), files, Vault(keyFile: "/dev/null")).routes.map { "\($0.path)" }.filter {
            $0.trimmed.hasPrefix("api/")
        }
        // Transfers have a gate each, which asks as the rules do.
        let operations = Set(Compose.operations.map(\.path.route) + Compose.transfers.map(\.path.route))
        let open: Set = ["/api/v1/openapi/"]
        let undecided = Set(routes).subtracting(operations).filter { path in !open.contains { $0.trimmed == path.trimmed } }
        #expect(undecided.filter { path in !operations.contains { $0.trimmed == path.trimmed } } == [])
    }

    @Test func exceptionsAreAboutOperationsThatThereAre() {
        #expect(Set(Exceptions.rows.keys).subtracting(Compose.operations.map(\.id)) == [])
    }
}

extension String {
    /// Without slashes at the ends, which the router does not keep.
    fileprivate var trimmed: String { split(separator: "/").joined(separator: "/") }
}
