import Synchronization

/// How many requests there were and how long they took, by operation and status. One for a server; kept in memory.
public final class RequestMetrics: Sendable {
    private struct Key: Hashable {
        let operation: String
        let status: Int
    }

    private struct Tally {
        var count = 0
        var sum = 0.0
        /// How many took no longer than each of the bounds.
        var within = Array(repeating: 0, count: RequestMetrics.bounds.count)
    }

    /// In seconds.
    static let bounds = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10]
    private let tallies = Mutex<[Key: Tally]>([:])

    public init() {}

    /// - Parameter operation: one of a fixed set of names: each is kept for as long as the server runs.
    func note(_ operation: String, status: Int, took: Duration) {
        let seconds = took / .seconds(1)
        tallies.withLock { tallies in
            var tally = tallies[Key(operation: operation, status: status), default: Tally()]
            tally.count += 1
            tally.sum += seconds
            for (index, bound) in Self.bounds.enumerated() where seconds <= bound { tally.within[index] += 1 }
            tallies[Key(operation: operation, status: status)] = tally
        }
    }

    public func write(into exposition: inout Exposition) {
        let sorted = tallies.withLock { $0 }.sorted { ($0.key.operation, $0.key.status) < ($1.key.operation, $1.key.status) }
        let name = "palimpsest_request_duration_seconds"
        exposition.family(name, .histogram, "How long requests took, until their answer began.")
        for (key, tally) in sorted {
            let labels = [("operation", key.operation), ("status", String(key.status))]
            for (bound, count) in zip(Self.bounds, tally.within) {
                exposition.sample("\(name)_bucket", labels + [("le", "\(bound)")], Double(count))
            }
            exposition.sample("\(name)_bucket", labels + [("le", "+Inf")], Double(tally.count))
            exposition.sample("\(name)_sum", labels, tally.sum)
            exposition.sample("\(name)_count", labels, Double(tally.count))
        }
    }
}
