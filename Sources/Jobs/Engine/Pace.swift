/// How large the next batch of a job is, and how long to leave the database to others before it.
///
/// A batch that takes long holds its locks long, and says that the database is busy: then batches become smaller. Between two of them
/// the job rests twice as long as the last one took, so that it never has more than a third of one connection's time.
public struct Pace: Sendable {
    /// In rows.
    public private(set) var size = 2_000

    public init() {}

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

    /// - Throws: `CancellationError`.
    public mutating func rest(after took: Duration) async throws {
        // The pause is the point here, not a way to wait for something.
        try await Task.sleep(for: adapt(to: took))
    }
}
