/// How long to wait before trying again. Doubles with each failure; the jitter keeps many clients from coming back at the same instant.
struct Backoff: Sendable {
    let first: Duration
    let most: Duration

    static let reconnecting = Backoff(first: .milliseconds(50), most: .seconds(10))
    static let retrying = Backoff(first: .milliseconds(5), most: .milliseconds(200))

    /// - Parameters:
    ///   - failures: how many there have been before this one.
    ///   - jitter: from 0 to 1, where 1 is the whole delay and 0 half of it.
    func delay(failures: Int, jitter: Double) -> Duration {
        min(most, first * (1 << min(failures, 20))) * (0.5 + jitter / 2)
    }
}
