import Logging
import Postgres

/// Sends one statement over and over through a pool, and prints how many answers came each second and how long they took.
@main
struct ClientBenchmark {
    static func main() async throws {
        let options = try Options(CommandLine.arguments)
        let configuration = Configuration(connectionString: options.connection, shared: options.connections)
        let pool = Pool(configuration, logger: Logger(label: "benchmark"))
        let latencies = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await pool.run() }
            defer { group.cancelAll() }
            _ = try await run(options, on: pool, for: .milliseconds(200))
            return try await run(options, on: pool, for: .seconds(options.seconds))
        }
        print(Report(latencies, seconds: options.seconds).json)
    }

    /// - Returns: how long each answer took.
    private static func run(_ options: Options, on pool: Pool, for time: Duration) async throws -> [Duration] {
        let end = ContinuousClock.now + time
        return try await withThrowingTaskGroup(of: [Duration].self) { group in
            for _ in 0..<options.clients {
                group.addTask(executorPreference: options.onLoop ? pool.loop : nil) {
                    try await ask(pool, Call(options.statement), until: end)
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    private static func ask(_ pool: Pool, _ call: Call, until end: ContinuousClock.Instant) async throws -> [Duration] {
        var latencies: [Duration] = []
        var now = ContinuousClock.now
        while now < end {
            let asked = now
            _ = try await pool.segment([call])
            now = .now
            latencies.append(asked.duration(to: now))
        }
        return latencies
    }
}

private struct Report {
    let latencies: [Duration]
    let seconds: Int

    init(_ latencies: [Duration], seconds: Int) {
        self.latencies = latencies.sorted()
        self.seconds = seconds
    }

    var json: String {
        """
        {"rate": \(Double(latencies.count) / Double(seconds)), "p50_ms": \(percentile(50)), "p99_ms": \(percentile(99))}
        """
    }

    private func percentile(_ percent: Int) -> Double {
        latencies.isEmpty ? 0 : latencies[(latencies.count - 1) * percent / 100] / .milliseconds(1)
    }
}
