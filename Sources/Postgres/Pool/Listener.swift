import Logging

/// LISTENs on a connection of its own and opens another one whenever that is lost.
actor Listener {
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    private nonisolated let loop: Loop
    private let configuration: Configuration
    private let channels: [String]
    private let logger: Logger
    private let output: AsyncStream<Notification>.Continuation
    private var connection: Connection?
    private var failures = 0
    private var hasDropped = false
    private var isStopped = false

    init(
        _ configuration: Configuration, channels: [String], on loop: Loop, logger: Logger, _ output: AsyncStream<Notification>.Continuation
    ) {
        self.configuration = configuration
        self.channels = channels
        self.loop = loop
        self.logger = logger
        self.output = output
    }

    nonisolated func start() {
        loop.execute { [self] in assumeIsolated { $0.connect() } }
    }

    nonisolated func stop() {
        loop.execute { [self] in assumeIsolated { $0.end() } }
    }

    private func end() {
        isStopped = true
        connection?.assumeIsolated { $0.close(PostgresFailure(.cancelled)) }
        connection = nil
    }

    private func connect() {
        guard !isStopped else { return }
        do {
            let string = configuration.directConnectionString ?? configuration.connectionString
            let address = try Address(string, applicationName: configuration.applicationName)
            Link.open(address, timeout: configuration.connectTimeout, logger: logger, on: loop) { [self] outcome in
                assumeIsolated { $0.opened(outcome) }
            }
        } catch {
            retry(after: error)
        }
    }

    private func opened(_ outcome: Result<Link, PostgresFailure>) {
        switch outcome {
        case .failure(let failure): retry(after: failure)
        case .success(let link): if !isStopped { listen(link) }
        }
    }

    private func listen(_ link: Link) {
        let connection = Connection(link, on: loop, cacheSize: nil, isShared: false) { [self] event in
            assumeIsolated { $0.happened(event) }
        }
        self.connection = connection
        let commands = channels.map { Connection.Command.call(Call("LISTEN \(Self.quoted($0))")) }
        connection.assumeIsolated { connection in
            connection.start()
            connection.send(0, commands, .action { [self] outcome in assumeIsolated { $0.listens(outcome) } })
        }
    }

    private func listens(_ outcome: Result<[Rows], PostgresFailure>) {
        switch outcome {
        case .success:
            failures = 0
            yield(.reconnected)
        case .failure(let failure):
            connection?.assumeIsolated { $0.close(failure) }
        }
    }

    private func happened(_ event: Connection.Event) {
        switch event {
        case .segmentEnded: break
        case .notified(let channel, let payload): yield(.received(channel: channel, payload: payload))
        case .closed(let failure):
            connection = nil
            retry(after: failure)
        }
    }

    private func retry(after failure: PostgresFailure) {
        guard !isStopped else { return }
        logger.warning("Not listening to PostgreSQL", metadata: ["reason": "\(failure)"])
        let delay = Backoff.reconnecting.delay(failures: failures, jitter: .random(in: 0...1))
        failures += 1
        loop.schedule(after: delay) { [self] in assumeIsolated { $0.connect() } }
    }

    /// After a gap the reader first has to learn that there was one.
    private func yield(_ notification: Notification) {
        if hasDropped, case .enqueued = output.yield(.reconnected) { hasDropped = false }
        if case .dropped = output.yield(notification) { hasDropped = true }
    }

    private static func quoted(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
