import CLibPQ
import Logging

/// An open connection of libpq, finished when it is released.
// @unchecked: libpq is safe as long as one thread at a time uses a connection. The helper thread that opens it hands it on and
// keeps nothing; from then on only the actor that owns it calls it, on the loop's thread.
final class Link: @unchecked Sendable {
    let raw: OpaquePointer
    private let notices: NoticeLog

    private init(raw: OpaquePointer, logger: Logger) {
        self.raw = raw
        notices = NoticeLog(logger: logger)
        PQsetNoticeReceiver(
            raw, { log, result in log.map { Unmanaged<NoticeLog>.fromOpaque($0).takeUnretainedValue().write(result) } },
            Unmanaged.passUnretained(notices).toOpaque())
    }

    deinit {
        PQfinish(raw)
    }

    /// Connects on a thread of its own, as looking up a host name blocks, and reports on the loop.
    static func open(
        _ address: Address, timeout: Duration, logger: Logger, on loop: Loop,
        _ done: @escaping @Sendable (Result<Link, PostgresFailure>) -> Void
    ) {
        startThread {
            let outcome = Result { () throws(PostgresFailure) in try connect(address, timeout: timeout, logger: logger) }
            loop.execute { done(outcome) }
        }
    }

    private static func connect(_ address: Address, timeout: Duration, logger: Logger) throws(PostgresFailure) -> Link {
        guard let raw = address.withCStrings({ PQconnectStartParams($0, $1, 0) }) else { throw PostgresFailure(.unreachable) }
        let link = Link(raw: raw, logger: logger)
        // The only way to an SQLSTATE before there are results: nothing else in the message, which may be in any language.
        PQsetErrorVerbosity(raw, PQERRORS_SQLSTATE)
        try link.finishConnecting(by: .now + timeout)
        PQsetErrorVerbosity(raw, PQERRORS_DEFAULT)
        try link.prepareSession()
        return link
    }

    private func finishConnecting(by deadline: ContinuousClock.Instant) throws(PostgresFailure) {
        var wish = PQstatus(raw) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
        while wish != PGRES_POLLING_OK {
            guard wish != PGRES_POLLING_FAILED else {
                throw PostgresFailure(connecting: String(cString: PQerrorMessage(raw)), needsPassword: PQconnectionNeedsPassword(raw) != 0)
            }
            let patience = milliseconds(ContinuousClock.now.duration(to: deadline))
            guard patience > 0 else { throw PostgresFailure(.unreachable, message: "The server did not answer in time.") }
            // The socket may be another one after each step, where several hosts are tried.
            guard clibpq_poll(PQsocket(raw), wish == PGRES_POLLING_WRITING, patience) > 0 else { continue }
            wish = PQconnectPoll(raw)
        }
    }

    /// Times are read as ISO in UTC. Set by statement: proxies refuse start-up options, but they follow these two.
    private func prepareSession() throws(PostgresFailure) {
        guard let result = PQexec(raw, "SET DateStyle TO ISO; SET TimeZone TO UTC") else { throw PostgresFailure(.connectionLost) }
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_COMMAND_OK else { throw PostgresFailure(result: result) }
        guard PQsetnonblocking(raw, 1) == 0, PQenterPipelineMode(raw) == 1 else { throw PostgresFailure(.protocolViolation) }
    }
}

/// Where the server's warnings and notices go, instead of to standard error.
private final class NoticeLog: Sendable {
    private let logger: Logger

    init(logger: Logger) {
        self.logger = logger
    }

    func write(_ result: OpaquePointer?) {
        guard let result else { return }
        logger.debug("PostgreSQL: \(String(cString: PQresultErrorMessage(result)))")
    }
}
