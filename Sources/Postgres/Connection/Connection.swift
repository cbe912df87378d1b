/// One connection, pipelined: any number of segments may be on their way, and their answers come back in the order in which they were sent.
///
/// It lives on the ``Loop``. Nothing it does blocks, and whatever leaves it out of step with the server closes it.
public actor Connection {
    enum Event: Sendable {
        case segmentEnded
        case notified(channel: String, payload: String)
        case closed(PostgresFailure)
    }

    /// What a segment is made of.
    enum Command: Sendable {
        case call(Call)
        /// Parses without running.
        case describe(String)
    }

    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    nonisolated let loop: Loop
    /// Nil once closed.
    var link: Link?
    var pipeline = PipelineStateMachine<Waiter, Rows>()
    /// Nil where statements are not to be prepared by name.
    var cache: StatementCache?
    /// Counts the loans: a lease that has ended holds an older number.
    var loan = 0
    /// A cancel request may still be on its way, and would hit whatever comes next.
    var mayBeCancelled = false
    private var awaitsWriting = false
    /// As it was watched: libpq closes the socket of a broken connection by itself, and knows the number no more.
    private var descriptor: Int32 = -1
    private var lastSegment = 0
    private let isShared: Bool
    private var report: (@Sendable (Event) -> Void)?

    /// - Parameters:
    ///   - cacheSize: nil not to prepare statements by name.
    ///   - isShared: whether a transaction left open is an error, as it would swallow other callers' segments.
    ///   - report: called on the loop.
    init(_ link: Link, on loop: Loop, cacheSize: Int?, isShared: Bool, report: @escaping @Sendable (Event) -> Void) {
        self.link = link
        self.loop = loop
        self.isShared = isShared
        self.report = report
        cache = cacheSize.map(StatementCache.init(capacity:))
    }

    /// To be called once, before anything else: begins to listen to the socket.
    func start() {
        guard let link else { return }
        descriptor = link.descriptor
        loop.watch(descriptor, write: false, self)
    }

    var isClosed: Bool { link == nil }

    var announcedBackend: Int? { link?.announcedBackend }

    var isOutsideTransaction: Bool { link?.isOutsideTransaction ?? false }

    func nextSegment() -> Int {
        lastSegment += 1
        return lastSegment
    }

    /// Fails everything in flight. Nothing happens to a connection that is closed already.
    func close(_ failure: PostgresFailure) {
        close(failure, pipeline.lost(failure))
    }

    private func close(_ failure: PostgresFailure, _ losses: [PipelineStateMachine<Waiter, Rows>.Loss]) {
        for loss in losses { loss.waiter.lose(loss.failure, loss.answers) }
        guard link != nil else { return }
        loop.forget(descriptor, self)
        self.link = nil
        let report = report
        self.report = nil
        report?(.closed(failure))
    }
}

// MARK: - Receiving

extension Connection: LoopWatcher {
    nonisolated func ready() {
        assumeIsolated { $0.exchange() }
    }

    /// Reads before it writes: a server that cannot get rid of its answers does not read either.
    private func exchange() {
        guard let link else { return }
        repeat {
            let isAlive = link.consume()
            drain()
            guard isAlive else { return close(link.failure) }
        } while !isClosed && link.hasHiddenInput
        while let (channel, payload) = link.nextNotification() { report?(.notified(channel: channel, payload: payload)) }
        if awaitsWriting { flush() }
    }

    /// Two NULLs in a row mean that libpq has nothing more, whatever it says.
    private func drain() {
        var nulls = 0
        while let link, !pipeline.isIdle, nulls < 2, !link.isBusy {
            let event = refuseBegin(link.next())
            if case .end = event { nulls += 1 } else { nulls = 0 }
            let wasScript = pipeline.runsScript
            let action = pipeline.received(event)
            if wasScript, case .resume = action { scriptEnded() }
            perform(action)
        }
    }

    /// A transaction on a shared connection would swallow the segments of others. libpq tells its state only when nothing is in flight.
    private func refuseBegin(_ event: PipelineStateMachine<Waiter, Rows>.Event) -> PipelineStateMachine<Waiter, Rows>.Event {
        guard isShared, case .answer(let rows) = event, rows.opensTransaction else { return event }
        return .fatal(PostgresFailure(.protocolViolation, message: "A transaction cannot be opened on a shared connection."))
    }

    private func perform(_ action: PipelineStateMachine<Waiter, Rows>.Action) {
        switch action {
        case .wait: break
        case .hidden(.prepare(let sql, _), let succeeded): cache?.prepared(sql, succeeded: succeeded)
        case .hidden(.deallocate(let name), succeeded: false): cache?.keepsDoomed(name)
        case .hidden: break
        case .resume(let waiter, let outcome): end(waiter, outcome)
        case .close(let losses): close(losses.first?.failure ?? PostgresFailure(.protocolViolation), losses)
        }
    }

    private func end(_ waiter: Waiter?, _ outcome: Result<[Rows], PostgresFailure>) {
        if case .failure(let failure) = outcome, failure.namesStaleStatement { distrustCache(failure) }
        waiter?.resume(outcome)
        report?(.segmentEnded)
    }

    private func distrustCache(_ failure: PostgresFailure) {
        if failure.sqlState == "26000" { cache?.forgetAll() } else { cache?.retireAll() }
    }

    /// Watches for a writable socket exactly as long as output is left.
    func flush() {
        guard let link else { return }
        guard let isLeft = link.flush() else { return exchangeLastWords(link) }
        guard isLeft != awaitsWriting else { return }
        awaitsWriting = isLeft
        loop.watch(descriptor, write: isLeft, self)
    }

    /// The server may have said why before it hung up.
    private func exchangeLastWords(_ link: Link) {
        _ = link.consume()
        drain()
        close(link.failure)
    }
}
