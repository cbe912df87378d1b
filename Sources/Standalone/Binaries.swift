import FoundationEssentials
import Subprocess
import SystemPackage

/// A directory with PostgreSQL's programs, and their major version.
struct Binaries: Sendable, Equatable {
    let directory: FilePath
    let major: String

    /// Finds the programs: those `given`, or those of pg_config, of Debian's newest version, or on the path, in this order.
    ///
    /// A cluster can be used by the major version alone that made it.
    static func locate(given: String?, for layout: Layout) async throws -> Binaries {
        let major = try layout.version
        let places = if let given { [FilePath(given)] } else { await installed() }
        var found: [Binaries] = []
        for place in places where place.holdsPostgres {
            guard let version = await place.postgresVersion else { continue }
            if version == major ?? version { return Binaries(directory: place, major: version) }
            found.append(Binaries(directory: place, major: version))
        }
        guard let major, !found.isEmpty else { throw ClusterFailure(.binariesNotFound(searched: places.map(\.string))) }
        throw ClusterFailure(.wrongVersion(directory: layout.root.string, needed: major, found: found.map(\.major)))
    }

    /// Where the programs usually are.
    private static func installed() async -> [FilePath] {
        let debian = FilePath("/usr/lib/postgresql")
        // Nothing of Debian's installed is no error: the programs may be elsewhere.
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: debian.string)) ?? []
        let newestFirst = versions.sorted { (Double($0) ?? 0) > (Double($1) ?? 0) }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return await configured() + newestFirst.map { debian.appending($0).appending("bin") }
            + path.split(separator: ":").map { FilePath(String($0)) }
    }

    /// What pg_config says, if there is such a program.
    private static func configured() async -> [FilePath] {
        let result = try? await Subprocess.run(.name("pg_config"), arguments: ["--bindir"], output: .string(limit: 4096))
        guard let result, result.terminationStatus.isSuccess else { return [] }
        return [FilePath(result.standardOutput.trimmed)]
    }
}

extension FilePath {
    fileprivate var holdsPostgres: Bool {
        ["initdb", "pg_ctl", "postgres"].allSatisfy { FileManager.default.isExecutableFile(atPath: appending($0).string) }
    }

    /// The "15" of "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)".
    fileprivate var postgresVersion: String? {
        get async {
            let result = try? await Subprocess.run(.path(appending("postgres")), arguments: ["--version"], output: .string(limit: 4096))
            guard let words = result?.standardOutput.split(separator: " "), words.count > 2 else { return nil }
            return String(words[2].prefix(while: \.isNumber))
        }
    }
}
