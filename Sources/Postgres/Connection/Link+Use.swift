import CLibPQ

/// libpq's calls, one by one. None of them blocks.
extension Link {
    var descriptor: Int32 { PQsocket(raw) }

    var announcedBackend: Int { Int(PQbackendPID(raw)) }

    var isOutsideTransaction: Bool { PQtransactionStatus(raw) == PQTRANS_IDLE }

    var failure: PostgresFailure {
        PostgresFailure(.connectionLost, message: String(cString: PQerrorMessage(raw)))
    }

    /// Reads what has come; false when the connection is broken.
    func consume() -> Bool { PQconsumeInput(raw) == 1 }

    var isBusy: Bool { PQisBusy(raw) != 0 }

    /// TLS may hold bytes that libpq had no room for, and epoll does not see them.
    var hasHiddenInput: Bool { clibpq_tls_pending(raw) }

    /// The next result, or nil for the NULL after each statement.
    func next() -> PipelineStateMachine<Waiter, Rows>.Event {
        guard let result = PQgetResult(raw) else { return .end }
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: return .answer(Rows(owning: result))
        case PGRES_PIPELINE_SYNC:
            PQclear(result)
            return .sync
        case PGRES_PIPELINE_ABORTED:
            PQclear(result)
            return .aborted
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            PQclear(result)
            return .fatal(PostgresFailure(.unexpectedCopy))
        default:
            defer { PQclear(result) }
            return .failure(PostgresFailure(result: result))
        }
    }

    func nextNotification() -> (channel: String, payload: String)? {
        guard let notification = PQnotifies(raw) else { return nil }
        defer { PQfreemem(notification) }
        return (String(cString: notification.pointee.relname), String(cString: notification.pointee.extra))
    }

    /// Asks the server on a thread of its own to stop what it is doing, since libpq connects anew for that, and waits.
    func requestCancel() {
        guard let cancel = PQgetCancel(raw) else { return }
        // An opaque pointer that nobody else has: PQcancel is made for being called from another thread.
        let address = UInt(bitPattern: cancel)
        startThread {
            let cancel = OpaquePointer(bitPattern: address)
            var complaint: [CChar] = Array(repeating: 0, count: 256)
            _ = PQcancel(cancel, &complaint, Int32(complaint.count))
            PQfreeCancel(cancel)
        }
    }
}

/// Sending. Each returns false when the connection is to be given up.
extension Link {
    func sendPrepare(_ name: String, _ sql: String) -> Bool {
        PQsendPrepare(raw, name, sql, 0, nil) == 1
    }

    func sendNamed(_ name: String, _ parameters: [Parameter]) -> Bool {
        withParameters(parameters) { PQsendQueryPrepared(raw, name, Int32(parameters.count), $0, nil, nil, 0) == 1 }
    }

    func sendUnnamed(_ sql: String, _ parameters: [Parameter] = []) -> Bool {
        withParameters(parameters) { PQsendQueryParams(raw, sql, Int32(parameters.count), nil, $0, nil, nil, 0) == 1 }
    }

    func sendDescribe(_ name: String) -> Bool {
        PQsendDescribePrepared(raw, name) == 1
    }

    /// Asks for the answers to what was sent so far. Without it they come with that to the sync, after the commit.
    func sendFlush() -> Bool {
        PQsendFlushRequest(raw) == 1
    }

    func sendSync() -> Bool {
        PQpipelineSync(raw) == 1
    }

    /// Leaves pipeline mode, which has no simple protocol.
    func sendScript(_ sql: String) -> Bool {
        PQexitPipelineMode(raw) == 1 && PQsendQuery(raw, sql) == 1
    }

    func endScript() -> Bool {
        PQenterPipelineMode(raw) == 1
    }

    /// Whether output is left for when the socket can be written; nil when the connection is broken.
    func flush() -> Bool? {
        switch PQflush(raw) {
        case 0: false
        case 1: true
        default: nil
        }
    }

    /// Lays the parameters out as C strings in one block.
    private func withParameters(_ parameters: [Parameter], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Bool) -> Bool {
        guard !parameters.isEmpty else { return body(nil) }
        let size = parameters.reduce(0) { sum, parameter in sum + parameter.withBytes { $0.map { $0.count + 1 } ?? 0 } }
        return withUnsafeTemporaryAllocation(byteCount: size, alignment: 1) { block in
            withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: parameters.count) { values in
                var end = 0
                for (index, parameter) in parameters.enumerated() {
                    values.initializeElement(at: index, to: parameter.copy(to: block, &end))
                }
                return body(values.baseAddress)
            }
        }
    }
}

extension Parameter {
    /// Appends the bytes and a NUL at `end`; nil for NULL.
    fileprivate func copy(to block: UnsafeMutableRawBufferPointer, _ end: inout Int) -> UnsafePointer<CChar>? {
        withBytes { bytes in
            guard let bytes, let start = block.baseAddress.map({ $0 + end }) else { return nil }
            UnsafeMutableRawBufferPointer(rebasing: block[end...]).copyMemory(from: bytes)
            block[end + bytes.count] = 0
            end += bytes.count + 1
            return UnsafePointer(start.assumingMemoryBound(to: CChar.self))
        }
    }
}
