import SystemPackage

/// Makes a new cluster, so that it is there complete or not at all.
struct Initialisation {
    let layout: Layout
    let profile: Profile
    let command: Command
    let password: String

    /// - Throws: ``ClusterFailure``. Takes one to two seconds, for most of which `initdb` computes.
    func run() async throws {
        // Always another name: an initdb whose starter was killed may go on for a while.
        let fresh = layout.root.appending(Layout.halfMade + String(UInt32.random(in: .min ... .max), radix: 36))
        try Folder(path: fresh, owner: layout.account, mode: 0o700).prepare()
        guard let name = fresh.lastComponent?.string else { return }
        try await succeed("initdb", ["-D", name] + initdbOptions)
        try await succeed("postgres", ["--single", "-D", name] + singleOptions + ["postgres"], input: statements)
        try fresh.rename(to: layout.database)
    }

    private func succeed(_ program: String, _ arguments: [String], input: String = "") async throws {
        let outcome = try await command.run(program, arguments, input: input)
        guard outcome.succeeded else { throw ClusterFailure(.initialisationFailed(output: outcome.output.tail)) }
    }

    /// `reject` goes into a pg_hba.conf that we don't use: a cluster started without our settings lets nobody in.
    private var initdbOptions: [String] {
        ["-U", profile.owner, "-A", "reject", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums", "--no-instructions"]
            + (profile.durable ? [] : ["--no-sync"])
    }

    /// A statement ends with an empty line; the first that fails ends the program, and is not written to any log.
    private var singleOptions: [String] {
        ["-j", "-c", "exit_on_error=on", "-c", "log_min_error_statement=panic"] + (profile.durable ? [] : ["-F"])
    }

    private var statements: String {
        """
        ALTER ROLE "\(profile.owner)" PASSWORD '\(password)';

        CREATE DATABASE "\(Endpoint.database)" TEMPLATE template0;


        """
    }
}
