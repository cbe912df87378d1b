/// How large the next batch of a job is, and how long to leave the database to others before it.
///
/// A batch that takes long holds its locks long, and says that the database is busy: then batches become smaller. Between two of them
/// the job rests twice as long as the last one took, so that it never has more than a third of one connection's time.
public struct Pace: Sendable {
    /// In rows.
    private(set) var size = 2_000

    /// How long a batch is to take.
    static let target = Duration.milliseconds(50)
    static let sizes = 200...10_000
    private static let longestRest = Duration.seconds(2)

    /// - Returns: how long to rest.
    mutating func adapt(to took: Duration) -> Duration {
        // At most twice as many at a time, and half as many: one measurement is not to be believed too much.
        let wanted = took == .zero ? 2 : min(max(Self.target / took, 0.5), 2)
        size = min(max(Int(Double(size) * wanted), Self.sizes.lowerBound), Self.sizes.upperBound)
        return min(took * 2, Self.longestRest)
    }

    /// One batch after the other.
    /// - Parameter batch: takes at most so many rows, and says whether any are left.
    /// - Throws: what a batch throws, or `CancellationError`.
    public static func batches(_ batch: (_ most: Int) async throws -> Bool) async throws {
        var pace = Pace()
        while true {
            let began = ContinuousClock.now
            guard try await batch(pace.size) else { return }
            // The pause is the point here, not a way to wait for something.
            try await Task.sleep(for: pace.adapt(to: ContinuousClock.now - began))
        }
    }
}
