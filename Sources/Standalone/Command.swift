import Glibc
import Subprocess
import SystemPackage

/// Runs programs of PostgreSQL under its account, in the data directory.
///
/// Paths given to them are relative to that, so that `pg_ctl`, which hands them to a shell, sees no character of the user's choosing.
struct Command: Sendable {
    let account: Account
    let directory: FilePath
    let binaries: FilePath

    /// How a program ended, and what it said.
    struct Outcome {
        let succeeded: Bool
        let output: String
    }

    /// Runs `program` until it ends.
    /// - Parameter input: given to the program through a pipe: it appears neither on disk nor among the arguments.
    /// - Throws: ``ClusterFailure`` when the program can't be run. One that fails is an outcome.
    func run(_ program: String, _ arguments: [String], input: String = "") async throws -> Outcome {
        do {
            let words = account.command(binaries.appending(program).string, arguments)
            let result = try await Subprocess.run(
                .path(FilePath(words[0])), arguments: Arguments(Array(words.dropFirst())), environment: environment,
                workingDirectory: directory,
                input: .fileDescriptor(try .pipe(holding: input), closeAfterSpawningProcess: true),
                output: .string(limit: 1 << 20), error: .combinedWithOutput)
            return Outcome(succeeded: result.terminationStatus.isSuccess, output: result.standardOutput)
        } catch let error as SubprocessError {
            throw ClusterFailure(.notRunnable(program: binaries.appending(program).string, why: error.description))
        }
    }

    /// Nothing of ours: our variables may hold passwords, which PostgreSQL's account could read there, and PGPORT or a language would
    /// change what its programs do and say.
    private var environment: Environment {
        .custom(["PATH": "\(binaries):/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"])
    }
}

extension FileDescriptor {
    /// The end to read of a pipe that holds `text` already: no writer is left that a program which ends early could break.
    ///
    /// The kernel's buffer takes 64 KiB; ours are a few lines.
    fileprivate static func pipe(holding text: String) throws -> FileDescriptor {
        try failing("pipe") {
            let pipe = try FileDescriptor.pipe()
            _ = try pipe.writeEnd.closeAfter { try pipe.writeEnd.writeAll(text.utf8) }
            return pipe.readEnd
        }
    }
}
