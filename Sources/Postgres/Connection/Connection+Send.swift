extension Connection {
    /// Sends the commands as one implicit transaction. The parameters have been checked.
    func send(_ id: Int, _ commands: [Command], _ waiter: Waiter) {
        guard let link else { return waiter.fail(PostgresFailure(.connectionLost)) }
        guard !pipeline.runsScript else { return waiter.fail(Self.busyWithScript) }
        var steps: [PipelineStateMachine<Waiter, Rows>.Step] = []
        guard sendDeallocations(link, &steps), send(commands, link, &steps),
            !waiter.wantsAnswersBeforeCommit || link.sendFlush(), link.sendSync()
        else {
            // The server would take the next segment's calls for the rest of this one.
            waiter.fail(link.failure)
            return close(link.failure)
        }
        pipeline.sent(id, waiter, steps: steps)
        flush()
    }

    /// Sends several statements in the simple protocol.
    func sendScript(_ id: Int, _ sql: String, _ waiter: Waiter) {
        guard let link else { return waiter.fail(PostgresFailure(.connectionLost)) }
        guard pipeline.isIdle else { return waiter.fail(Self.busyWithScript) }
        guard link.sendScript(sql) else {
            waiter.fail(link.failure)
            return close(link.failure)
        }
        pipeline.sent(id, waiter, steps: [.call(0)], ending: .null)
        flush()
    }

    /// Back to pipeline mode, which the script had to leave.
    func scriptEnded() {
        guard let link, !link.endScript() else { return }
        close(PostgresFailure(.protocolViolation))
    }

    /// The caller's task was cancelled. On a shared connection the server cannot be stopped, for it may have come to somebody else's segment.
    func abandon(_ id: Int) {
        guard let waiter = pipeline.abandon(id) else { return }
        waiter.cancel()
    }

    /// Stops the server, on a connection that belongs to the caller alone.
    func requestCancel(_ id: Int) {
        guard pipeline.isInFlight(id), !mayBeCancelled else { return }
        mayBeCancelled = true
        link?.requestCancel()
    }

    private static let busyWithScript = PostgresFailure(.protocolViolation, message: "A script can only run by itself on its connection.")

    private func sendDeallocations(_ link: Link, _ steps: inout [PipelineStateMachine<Waiter, Rows>.Step]) -> Bool {
        for name in cache?.takeDoomed() ?? [] {
            guard link.sendUnnamed("DEALLOCATE \(name)") else { return false }
            steps.append(.deallocate(name: name))
        }
        return true
    }

    private func send(_ commands: [Command], _ link: Link, _ steps: inout [PipelineStateMachine<Waiter, Rows>.Step]) -> Bool {
        for (index, command) in commands.enumerated() {
            let sent =
                switch command {
                case .call(let call): send(call, index, link, &steps)
                case .describe(let sql): describe(sql, index, link, &steps)
                }
            guard sent else { return false }
            steps.append(.call(index))
        }
        return true
    }

    private func send(_ call: Call, _ index: Int, _ link: Link, _ steps: inout [PipelineStateMachine<Waiter, Rows>.Step]) -> Bool {
        switch cache?.plan(call.sql) ?? .unnamed {
        case .named(let name): return link.sendNamed(name, call.parameters)
        case .unnamed: return link.sendUnnamed(call.sql, call.parameters)
        case .prepare(let name):
            steps.append(.prepare(sql: call.sql, call: index))
            return link.sendPrepare(name, call.sql) && link.sendNamed(name, call.parameters)
        }
    }

    /// Through the unnamed statement, which leaves nothing behind.
    private func describe(_ sql: String, _ index: Int, _ link: Link, _ steps: inout [PipelineStateMachine<Waiter, Rows>.Step]) -> Bool {
        steps.append(.prepare(sql: sql, call: index))
        return link.sendPrepare("", sql) && link.sendDescribe("")
    }
}
