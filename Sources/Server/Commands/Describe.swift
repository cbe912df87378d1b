import ArgumentParser
import HTTPTypes
import Logging
import Postgres
import Shapes
import Tenancy
import Web

struct OpenAPI: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "openapi", abstract: "Print the OpenAPI document that the server serves.")

    @Option(help: "The edition that it is of. The Community edition lacks what is marked x-edition: enterprise.")
    var edition = Preparation.Edition.enterprise

    func run() async throws {
        print(Compose.described.openAPI(enterprise: edition == .enterprise).indentedText)
    }
}

struct Routes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the table of operations.")

    func run() async throws {
        for operation in Compose.operations {
            print("\(operation.method.rawValue)\t\(operation.path)\t\(operation.id)\t\(operation.summary)")
        }
    }
}

extension Compose {
    /// The API only to be described: its pool connects to nothing.
    static var described: API {
        let pool = Pool(Configuration(connectionString: ""), logger: Logger(label: "palimpsest"))
        return API(operations, conflicts: conflicts, tenancy: Tenancy(pool: pool))
    }
}
