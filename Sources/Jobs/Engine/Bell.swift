import Synchronization

/// Rings for everybody who listens, so that one subscription to the database's hints serves all.
public final class Bell: Sendable {
    private struct Listeners {
        var last = 0
        var all: [Int: AsyncStream<Void>.Continuation] = [:]
    }

    private let listeners = Mutex(Listeners())

    public init() {}

    public func ring() {
        for listener in listeners.withLock({ Array($0.all.values) }) { listener.yield() }
    }

    /// From now on. Rings that come while the listener is busy count as one.
    public var rings: AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number = listeners.withLock {
            $0.last += 1
            $0.all[$0.last] = continuation
            return $0.last
        }
        continuation.onTermination = { [weak self] _ in self?.forget(number) }
        return stream
    }

    private func forget(_ number: Int) {
        listeners.withLock { _ = $0.all.removeValue(forKey: number) }
    }
}
