/// Why the embedded cluster is not to be had, told to the person who can change it.
public struct ClusterFailure: Error, Sendable, Equatable {
    /// What went wrong, for a program; ``ClusterFailure/description`` says it, and what to do, to a person.
    public enum Reason: Sendable, Equatable {
        /// None of the directories searched has PostgreSQL's programs.
        case binariesNotFound(searched: [String])
        /// The data directory was made by a major version that is not installed.
        case wrongVersion(directory: String, needed: String, found: [String])
        /// We run as root, which PostgreSQL refuses, and the account it would run under instead does not exist.
        case accountMissing(String)
        /// The account that PostgreSQL runs under may not pass through a directory above the data.
        case notTraversable(directory: String, account: String)
        /// A directory of ours is in somebody else's hands.
        case belongsToAnother(path: String, owner: String)
        /// There is something at the path that is no directory.
        case notADirectory(String)
        /// `initdb`, or the first statements in the new cluster, failed.
        case initialisationFailed(output: String)
        /// PostgreSQL did not start; the last lines of its log.
        case startFailed(log: String)
        /// PostgreSQL did not stop.
        case stopFailed(output: String)
        /// PostgreSQL holds the data directory, but neither becomes ready nor goes away.
        case unresponsive(directory: String)
        /// There is no running cluster in the data directory.
        case notRunning(directory: String)
        /// The cluster exists, but the file with one of its passwords does not.
        case secretMissing(path: String)
        /// Another server works on this data directory.
        case alreadyServing(directory: String, process: String)
        /// A program of PostgreSQL could not be run at all.
        case notRunnable(program: String, why: String)
        /// A file operation failed.
        case file(path: String, why: String)
    }

    /// What went wrong.
    public let reason: Reason

    init(_ reason: Reason) { self.reason = reason }
}

extension ClusterFailure: CustomStringConvertible {
    /// One or two sentences: what is the matter, and what to do about it.
    public var description: String {
        switch reason {
        case .binariesNotFound(let searched):
            "PostgreSQL was not found (looked in \(searched.joined(separator: ", "))). "
                + "Install Debian's package 'postgresql', or name the directory that holds initdb."
        case .wrongVersion(let directory, let needed, let found):
            "\(directory) was made by PostgreSQL \(needed), but only \(found.joined(separator: ", ")) is installed. "
                + "Install the package 'postgresql-\(needed)', or move the data over with pg_dump."
        case .accountMissing(let name):
            "PostgreSQL does not run as root, and there is no account '\(name)' to run it under. "
                + "Install Debian's package 'postgresql', or start Palimpsest as a plain user."
        case .notTraversable(let directory, let account):
            "The account '\(account)' that PostgreSQL runs under may not enter \(directory). "
                + "Allow it with 'chmod o+x \(directory)', or choose another place with --data-dir, such as /var/lib/palimpsest."
        case .belongsToAnother(let path, let owner):
            "\(path) belongs to '\(owner)'. Run Palimpsest as '\(owner)', or choose another place with --data-dir."
        case .notADirectory(let path):
            "\(path) is not a directory. Move it away, or choose another place with --data-dir."
        case .initialisationFailed(let output):
            "A new PostgreSQL cluster could not be made:\n\(output)"
        case .startFailed(let log):
            "PostgreSQL did not start:\n\(log)"
        case .stopFailed(let output):
            "PostgreSQL did not stop:\n\(output)"
        case .unresponsive(let directory):
            "A PostgreSQL holds \(directory) but neither becomes ready nor goes away. Look into \(directory)/log/postgres.log."
        case .notRunning(let directory):
            "No PostgreSQL runs in \(directory). Start one with 'palimpsest serve --data-dir \(directory)'."
        case .secretMissing(let path):
            "The password in \(path) is gone, and the cluster can't be reached without it. Restore the file from a backup."
        case .alreadyServing(let directory, let process):
            "Another server (process \(process)) works on \(directory). Stop it, or choose another place with --data-dir."
        case .notRunnable(let program, let why):
            "\(program) could not be run: \(why)"
        case .file(let path, let why):
            "\(path): \(why)"
        }
    }
}
