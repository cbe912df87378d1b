/// Which statements one connection has prepared, by SQL text. The least recently used one makes room.
///
/// A name is relied on only after the server has confirmed it: a prepare is skipped when an earlier call of its segment fails,
/// and segments already behind it would then ask for a statement that does not exist.
struct StatementCache {
    enum Plan: Equatable {
        /// Prepared.
        case named(String)
        /// To be prepared under this name, and then used.
        case prepare(String)
        /// Not worth waiting for, or nothing can make room.
        case unnamed
    }

    private struct Entry {
        let name: String
        var isConfirmed = false
        var lastUse: Int
    }

    private let capacity: Int
    private var entries: [String: Entry] = [:]
    private var doomed: [String] = []
    private var clock = 0

    init(capacity: Int) {
        self.capacity = capacity
    }

    mutating func plan(_ sql: String) -> Plan {
        clock += 1
        if let entry = entries[sql] {
            entries[sql]?.lastUse = clock
            return entry.isConfirmed ? .named(entry.name) : .unnamed
        }
        guard capacity > 0, makeRoom() else { return .unnamed }
        let name = "s\(clock)"
        entries[sql] = Entry(name: name, lastUse: clock)
        return .prepare(name)
    }

    mutating func prepared(_ sql: String, succeeded: Bool) {
        if succeeded {
            entries[sql]?.isConfirmed = true
        } else {
            entries[sql] = nil
        }
    }

    /// Names to be deallocated ahead of the next segment, not in the one that evicted them: it may use them still.
    mutating func takeDoomed() -> [String] {
        defer { doomed = [] }
        return doomed
    }

    /// Deallocating was skipped or refused, as in a failed transaction: once more with the next segment.
    mutating func keepsDoomed(_ name: String) {
        doomed.append(name)
    }

    /// The results of prepared statements changed with the schema: all are to be prepared anew.
    mutating func retireAll() {
        doomed += entries.values.filter(\.isConfirmed).map(\.name)
        entries = entries.filter { !$0.value.isConfirmed }
    }

    /// The server has none of them any more, as after DISCARD ALL.
    mutating func forgetAll() {
        entries = entries.filter { !$0.value.isConfirmed }
        doomed = []
    }

    private mutating func makeRoom() -> Bool {
        guard entries.count >= capacity else { return true }
        let confirmed = entries.lazy.filter(\.value.isConfirmed)
        guard let oldest = confirmed.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return false }
        doomed.append(oldest.value.name)
        entries[oldest.key] = nil
        return true
    }
}
