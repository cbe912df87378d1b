import FoundationEssentials
import Glibc
import Processes
import Subprocess
import SystemPackage

/// Another account than ours.
struct Owner: Sendable {
    let user: uid_t
    let group: gid_t

    /// Who programs run as when we are root: `nobody`, which has this number on every Linux, as has its group.
    static let nobody = Owner(user: 65_534, group: 65_534)
}

/// The directory of one attempt. Nothing in it is kept.
struct Workspace: Sendable {
    let directory: FilePath
    /// nil: ourselves.
    let owner: Owner?

    /// Where the program starts, and base-worker keeps its files.
    var current: FilePath { directory.appending("current") }
    var temporary: FilePath { directory.appending("tmp") }

    init(directory: FilePath, owner: Owner?) {
        self.directory = directory
        self.owner = owner
    }

    /// That of one attempt; another account's when we are root.
    init(of task: ClaimedTask, below parent: FilePath) {
        self.init(directory: parent.appending("\(task.id)-\(task.attempt)"), owner: geteuid() == 0 ? .nobody : nil)
    }

    struct Failure: Error, CustomStringConvertible {
        let path: FilePath
        let why: Errno
        var description: String { "\(path) could not be made: \(why)" }
    }

    func make() throws {
        let parent = directory.removingLastComponent().string
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        // Whom programs run as must get through, and has no business looking around.
        guard chmod(parent, 0o711) == 0 else { throw failure(FilePath(parent)) }
        for path in [directory, current, temporary] { try makeDirectory(path) }
    }

    private func makeDirectory(_ path: FilePath) throws {
        guard mkdir(path.string, 0o700) == 0 else { throw failure(path) }
        guard let owner else { return }
        guard lchown(path.string, owner.user, owner.group) == 0 else { throw failure(path) }
    }

    private func failure(_ path: FilePath) -> Failure {
        Failure(path: path, why: Errno(rawValue: errno))
    }

    /// Removes it with all that the program left there.
    ///
    /// By `rm`, which cannot be lured out of the directory by links that are swapped while it works; some process may have got away.
    func remove() async throws {
        let result = try await run(
            .path("/bin/rm"), arguments: ["-rf", "--one-file-system", "--", directory.string], environment: .custom(["LANG": "C.UTF-8"]),
            output: .discarded, error: .string(limit: 1 << 16))
        if !result.terminationStatus.isSuccess { throw Remains(message: result.standardError) }
    }

    /// Why it could not be removed.
    struct Remains: Error, CustomStringConvertible {
        let message: String
        var description: String { message }
    }
}
