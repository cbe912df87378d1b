import Logging

extension PoolCore {
    func connect(_ slot: Int) {
        do {
            let address = try Address(configuration.connectionString, applicationName: configuration.applicationName)
            Link.open(address, timeout: configuration.connectTimeout, logger: logger, on: loop) { [self] outcome in
                assumeIsolated { $0.opened(slot, outcome) }
            }
        } catch {
            // On the next turn: the machine is in the middle of handing out actions.
            loop.execute { [self] in assumeIsolated { $0.opened(slot, .failure(error)) } }
        }
    }

    func reconnect(_ slot: Int, after delay: Duration) {
        loop.schedule(after: delay) { [self] in
            assumeIsolated { core in core.perform(core.machine.reconnectDue(slot: slot)) }
        }
    }

    private func opened(_ slot: Int, _ outcome: Result<Link, PostgresFailure>) {
        switch outcome {
        case .success(let link):
            connections[slot] = makeConnection(link, slot)
            perform(machine.connected(slot: slot))
        case .failure(let failure):
            logger.warning("Cannot connect to PostgreSQL", metadata: ["reason": "\(failure)"])
            logger.debug("Cannot connect to PostgreSQL", metadata: ["reason": "\(failure.debugDescription)"])
            perform(machine.connectFailed(slot: slot, failure, jitter: .random(in: 0...1)))
        }
    }

    private func makeConnection(_ link: Link, _ slot: Int) -> Connection {
        let cacheSize = configuration.statementCache ? configuration.statementCacheSize : nil
        let isShared = machine.isShared(slot: slot)
        let connection = Connection(link, on: loop, cacheSize: cacheSize, isShared: isShared) { [self] event in
            assumeIsolated { $0.happened(event, slot) }
        }
        connection.assumeIsolated { $0.start() }
        return connection
    }

    private func happened(_ event: Connection.Event, _ slot: Int) {
        switch event {
        case .segmentEnded: if machine.isShared(slot: slot) { perform(machine.segmentEnded(slot: slot)) }
        case .notified: break
        case .closed(let failure): closed(slot, failure)
        }
    }

    private func closed(_ slot: Int, _ failure: PostgresFailure) {
        guard connections[slot] != nil else { return }
        logger.warning("A connection to PostgreSQL ended", metadata: ["reason": "\(failure)"])
        // A borrower gives his back himself.
        if !machine.isLent(slot: slot) { connections[slot] = nil }
        perform(machine.lost(slot: slot, jitter: .random(in: 0...1)))
    }
}
