import FoundationEssentials
import Postgres
import Testing
import Web

@testable import Corpora
@testable import Server

/// The truths that the layout rests on, held against the sources themselves.
@Suite struct ArchitectureTests {
    private static let features = ["Identity", "Workers", "Processes", "Corpora", "Images", "Deletion"]

    @Test(arguments: features) func featuresDoNotKnowOneAnother(feature: String) throws {
        let others = Set(Self.features).subtracting([feature])
        for file in try Checkout.swiftFiles(below: "Sources/\(feature)") {
            #expect(file.imports.isDisjoint(with: others), "\(file.path)")
            #expect(!file.imports.contains("Server"), "\(file.path)")
        }
    }

    /// Whatever runs a statement got it from a scope. Commands work as the owner, before there is any tenant.
    @Test func onlyTheTenancyHoldsThePool() throws {
        for folder in Self.features + ["Web", "Storage", "Jobs"] {
            for file in try Checkout.swiftFiles(below: "Sources/\(folder)") {
                #expect(!file.text.contains("Pool(") && !file.text.contains(".segment(") && !file.text.contains(".lease {"), "\(file.path)")
            }
        }
    }

    @Test(arguments: [
        ("Shapes", []), ("Postgres", ["Shapes", "Tenancy", "Web"]), ("Tenancy", ["Web", "Storage", "Hummingbird"]),
        ("Web", ["Storage", "Standalone", "Subprocess"]), ("Storage", ["Standalone", "Subprocess"]),
        ("Jobs", ["Standalone", "Hummingbird"]),
        ("Standalone", ["Postgres", "Tenancy", "Web", "Hummingbird"]),
    ])
    func arrowsPointDownwards(target: String, forbidden: [String]) throws {
        let above = Set(forbidden + Self.features + ["Server"])
        for file in try Checkout.swiftFiles(below: "Sources/\(target)") {
            #expect(file.imports.isDisjoint(with: above), "\(file.path)")
        }
    }

    /// The tenant and the caller are set in one place.
    @Test func settingsAreMadeByEnterAlone() throws {
        let files = try Checkout.files(below: "sql", ending: ".sql").filter { $0.text.contains("set_config(") }
        #expect(files.map(\.path) == ["sql/functions/enter.sql"])
    }

    /// A statement that is not declared would never be prepared by a test.
    @Test func everyStatementIsDeclared() throws {
        let made = try (Self.features + ["Storage", "Jobs"]).flatMap { try Checkout.swiftFiles(below: "Sources/\($0)") }
            .map { $0.text.split(separator: "= Statement<", omittingEmptySubsequences: false).count - 1 }.reduce(0, +)
        // Lists of elements come in many forms, made in one place each.
        let forms = try ElementList.formDeclarations().count
        #expect(try Compose.declarations().count == made + forms)
    }

    /// Pages have no way to the data but operations, and ask for none that is not there.
    @Test func pagesAskOperationsThatExist() throws {
        let known = Set(Compose.operations.map(\.id))
        for file in try Checkout.swiftFiles(below: "Sources/Site") {
            #expect(file.imports.isDisjoint(with: Set(Self.features + ["Postgres", "Server"])), "\(file.path)")
            for match in file.text.matches(of: /(?:ask|askIfAllowed|call)\(\s*"(\w+)"/) {
                #expect(known.contains(String(match.1)), "\(file.path): \(match.1)")
            }
        }
    }

    /// Every file of the pages that there is, is in the binary.
    @Test func everyAssetIsEmbedded() throws {
        let listed = try String(contentsOfFile: Checkout.root + "/Sources/Assets/assets.c", encoding: .utf8)
        let files = try [".mustache", ".json", ".css", ".js", ".svg"].flatMap { try Checkout.files(below: "Sources/Assets", ending: $0) }
        #expect(files.count > 20)
        for file in files {
            #expect(listed.contains("#embed \"\(file.path.dropFirst("Sources/Assets/".count))\""), "\(file.path)")
        }
    }

    /// Every file of SQL is in the binary.
    @Test func everyFileOfSQLIsEmbedded() throws {
        let embedded = Set(SchemaFiles.all.map { "sql/" + $0.path })
        #expect(Set(try Checkout.files(below: "sql", ending: ".sql").map(\.path)) == embedded)
    }

    /// Drawers without a name of their own.
    @Test func nothingIsCalledUtilities() throws {
        for file in try Checkout.swiftFiles(below: "Sources") {
            for drawer in ["Util", "Common", "Helper", "Manager", "Misc"] {
                #expect(!file.path.contains(drawer), "\(file.path)")
            }
        }
    }
}

/// The files of this checkout.
enum Checkout {
    struct File {
        let path: String
        let text: String

        /// The modules that it imports.
        var imports: Set<String> {
            Set(
                text.split(separator: "\n").compactMap { line in
                    let words = line.split(separator: " ")
                    guard let index = words.firstIndex(of: "import"), index < 3, index + 1 < words.count else { return nil }
                    return String(words[index + 1])
                })
        }
    }

    static func swiftFiles(below folder: String) throws -> [File] {
        let files = try files(below: folder, ending: ".swift")
        #expect(!files.isEmpty, "\(folder)")
        return files
    }

    static let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()

    /// The text of one file.
    static func file(_ path: String) throws -> String {
        try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
    }

    static func files(below folder: String, ending: String) throws -> [File] {
        try FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(folder)").filter { $0.hasSuffix(ending) }.sorted().map {
            File(path: "\(folder)/\($0)", text: try file("\(folder)/\($0)"))
        }
    }
}
