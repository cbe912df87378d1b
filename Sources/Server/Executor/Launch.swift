import Processes
import Subprocess
import SystemPackage
import Tenancy

/// How the program of a task is started.
struct Launch: Sendable {
    let words: [String]
    let workspace: Workspace
    let environment: [String: String]

    /// Programs see this environment and nothing of the server's, whose variables hold passwords.
    /// - Throws: ``Words/Fault``.
    init(_ task: ClaimedTask, in workspace: Workspace, server: String, path: String) throws {
        words = try Words(of: task.command ?? "").all
        self.workspace = workspace
        let place = [
            "ARKINDEX_API_URL": server, "PONOS_DATA": workspace.directory.string, "HOME": workspace.directory.string,
            "TMPDIR": workspace.temporary.string, "PATH": path, "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1",
        ]
        environment = task.environment.merging(place) { _, place in place }
    }

    /// Never to be printed: it holds the task's token.
    var configuration: Configuration {
        let shell = ["/bin/sh", "-c", Self.start, "palimpsest"] + words
        let command = changeOfUser + shell
        return Configuration(
            executable: .path(FilePath(command[0])), arguments: Arguments(Array(command.dropFirst())),
            environment: .custom(Dictionary(uniqueKeysWithValues: environment.map { (.init(stringLiteral: $0), $1) })),
            workingDirectory: workspace.current, platformOptions: options)
    }

    /// What a shell does before it becomes the program. It looks for that as the account that is to run it, which may see less than we.
    /// A watchman stays in the program's group, and ends it when the ``Lifeline`` on standard input does. He is nobody's child, so that a
    /// program that waits for all of its children does not wait for him, and he does not hold its output open.
    private static let start = #"""
        umask 077
        exec 3<&0 </dev/null
        command -v "$1" >/dev/null || { printf 'palimpsest: There is no program %s here.\n' "$1" >&2; exit 127; }
        ( ( trap '' HUP INT TERM; read -r _ <&3; kill -KILL 0 ) >/dev/null 2>&1 & )
        exec "$@" 3<&-
        """#

    /// By `setpriv`, a process of one thread: between fork and exec of one with many, changing the user can wait for ever for a lock
    /// of the C library that a thread left behind holds.
    private var changeOfUser: [String] {
        guard let owner = workspace.owner else { return [] }
        return ["/usr/bin/setpriv", "--reuid=\(owner.user)", "--regid=\(owner.group)", "--clear-groups", "--inh-caps=-all", "--"]
    }

    private var options: PlatformOptions {
        var options = PlatformOptions()
        // A session is a process group too, so that what the program starts can be ended with it.
        options.createSession = true
        options.teardownSequence = [.send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)]
        return options
    }
}
