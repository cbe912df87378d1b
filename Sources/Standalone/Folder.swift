import FoundationEssentials
import Glibc
import SystemPackage

/// A directory with the owner and the mode that it has to have.
struct Folder {
    let path: FilePath
    let owner: Account
    let mode: mode_t

    /// Makes the directory, or puts owner and mode right when a killed start left it half-made.
    ///
    /// A directory or link that somebody else has put in this place is refused, not taken over: `/tmp` is open to all.
    func prepare() throws {
        let made = mkdir(path.string, mode)
        guard made == 0 || errno == EEXIST else { throw failure() }
        try check(isOwnedBy: [geteuid(), owner.user])
        if owner.user != geteuid() {
            guard lchown(path.string, owner.user, owner.group) == 0 else { throw failure() }
        }
        // The mode again: `mkdir` has subtracted the umask.
        guard chmod(path.string, mode) == 0 else { throw failure() }
    }

    /// Makes the directory and those above it; one that exists stays as its owner wants it.
    func prepareWithParents() throws {
        if Entry(path) == nil {
            let parent = path.removingLastComponent().string
            do {
                try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
            } catch {
                throw ClusterFailure(.file(path: parent, why: "could not be made: \(error)"))
            }
            try prepare()
        }
        try check(isOwnedBy: [owner.user])
    }

    private func check(isOwnedBy owners: [uid_t]) throws {
        guard let entry = Entry(path) else { throw failure() }
        guard entry.isDirectory else { throw ClusterFailure(.notADirectory(path.string)) }
        guard owners.contains(entry.owner) else {
            let name = Account(user: entry.owner)?.name ?? "\(entry.owner)"
            throw ClusterFailure(.belongsToAnother(path: path.string, owner: name))
        }
    }

    private func failure() -> ClusterFailure {
        ClusterFailure(.file(path: path.string, why: Errno.current.description))
    }
}

/// What the file system says about a path.
struct Entry {
    let owner: uid_t
    let group: gid_t
    let mode: mode_t
    let file: Identity

    /// Two paths lead to the same file when these are equal.
    struct Identity: Equatable {
        let device: dev_t
        let number: ino_t
    }

    /// Nil when there is nothing, or nothing that we may see.
    init?(_ path: FilePath, followingLinks: Bool = false) {
        var info = stat()
        guard (followingLinks ? stat(path.string, &info) : lstat(path.string, &info)) == 0 else { return nil }
        (owner, group, mode) = (info.st_uid, info.st_gid, info.st_mode)
        file = Identity(device: info.st_dev, number: info.st_ino)
    }

    var isDirectory: Bool { mode & S_IFMT == S_IFDIR }

    /// Whether the mode lets `account` pass through this directory.
    func isTraversable(by account: Account) -> Bool {
        if account.user == 0 { return true }
        let needed = owner == account.user ? S_IXUSR : group == account.group ? S_IXGRP : S_IXOTH
        return mode & needed != 0
    }
}

extension FilePath {
    /// The directories from the root down to this one, as far as they exist, with symbolic links resolved.
    var ancestry: [FilePath] {
        var path = self
        while Entry(path, followingLinks: true) == nil, path.removeLastComponent() {}
        if let resolved = realpath(path.string, nil) {
            path = FilePath(String(cString: resolved))
            free(resolved)
        }
        var found = [path]
        while path.removeLastComponent() { found.append(path) }
        return found.reversed()
    }
}
