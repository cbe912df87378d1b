import CCurl
import NIOPosix
import Synchronization

/// One request and its answer, by libcurl.
struct CurlRequest: Sendable {
    let url: String
    /// Authorization and the like, each a line.
    let headers: [String]
    /// Sent by POST; nil asks by GET.
    let body: [UInt8]?
    /// For the whole of it.
    let patience: Duration
    /// The longest body of an answer, in bytes.
    let longest: Int
    /// What a person named is only asked at addresses that this lets through, and may send us on from there. Nil is for servers that the operator
    /// named: they are asked wherever they are, by the operator's proxy, and redirect nobody.
    let destinations: Destinations?
    /// A file with the authorities whose certificates are believed; nil is the system's.
    var authorities: String?

    struct Answer: Sendable {
        let status: Int
        let body: [UInt8]
    }

    /// Why there was no answer.
    struct Failure: Error, CustomStringConvertible {
        enum Reason: Sendable, Equatable { case destination, patience, length, redirects, scheme, name, certificate, other }
        let reason: Reason
        let description: String
    }

    /// On a thread of the pool, which waits while the other server works. Ends within a second when the task is cancelled.
    /// - Throws: ``Failure``; `CancellationError` when no thread had begun with it.
    func perform(on threads: NIOThreadPool) async throws -> Answer {
        let stop = Stop()
        return try await withTaskCancellationHandler {
            try await threads.runIfActive { try perform(until: stop) }
        } onCancel: {
            stop.set()
        }
    }

    private func perform(until stop: Stop) throws -> Answer {
        guard Self.isReady, let handle = curl_easy_init() else { throw Failure(reason: .other, description: "libcurl cannot be used.") }
        defer { curl_easy_cleanup(handle) }
        var lines: UnsafeMutablePointer<curl_slist>?
        defer { curl_slist_free_all(lines) }
        for header in headers { lines = curl_slist_append(lines, header) }
        let received = Received(longest: longest)
        let door = destinations.map(Door.init)
        try withExtendedLifetime((received, stop, door)) {
            try prepare(handle, lines, received, stop)
            if let door { try guardDestinations(handle, door) }
            let code = curl_easy_perform(handle)
            // What the callbacks know is more than libcurl's code says.
            if received.isTooLong { throw Failure(reason: .length, description: "The answer is too long.") }
            if code != CURLE_OK, door?.hasRefused == true {
                throw Failure(reason: .destination, description: "The address is not allowed.")
            }
            try check(code)
        }
        return Answer(status: ccurl_status(handle), body: received.bytes)
    }

    private func prepare(
        _ handle: UnsafeMutableRawPointer, _ lines: UnsafeMutablePointer<curl_slist>?, _ received: Received, _ stop: Stop
    ) throws {
        try check(ccurl_set_text(handle, CURLOPT_URL, url))
        try check(ccurl_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https"))
        try check(ccurl_set_headers(handle, lines))
        if let body { try check(body.withUnsafeBytes { ccurl_set_body(handle, $0.baseAddress, $0.count) }) }
        if let authorities { try check(ccurl_set_text(handle, CURLOPT_CAINFO, authorities)) }
        // Signals belong to the whole program.
        try check(ccurl_set_number(handle, CURLOPT_NOSIGNAL, 1))
        try check(ccurl_set_number(handle, CURLOPT_TIMEOUT_MS, Int(patience / .milliseconds(1))))
        try check(ccurl_on_bytes(handle, Received.receive, Unmanaged.passUnretained(received).toOpaque()))
        try check(
            ccurl_on_progress(
                handle,
                { context, _, _, _, _ in context.map { Unmanaged<Stop>.fromOpaque($0).takeUnretainedValue().isRequested ? 1 : 0 } ?? 0 },
                Unmanaged.passUnretained(stop).toOpaque()))
    }

    /// Redirects are followed, and each connection is looked at when it is made: what a name resolves to at that moment is what counts.
    private func guardDestinations(_ handle: UnsafeMutableRawPointer, _ door: Door) throws {
        // By a proxy we would see the proxy's address alone.
        try check(ccurl_set_text(handle, CURLOPT_PROXY, ""))
        try check(ccurl_on_socket(handle, Door.open, Unmanaged.passUnretained(door).toOpaque()))
        try check(ccurl_set_number(handle, CURLOPT_FOLLOWLOCATION, 1))
        try check(ccurl_set_number(handle, CURLOPT_MAXREDIRS, 5))
        try check(ccurl_set_text(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https"))
    }

    private func check(_ code: CURLcode) throws {
        guard code == CURLE_OK else { throw Failure(code) }
    }

    private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
}

extension CurlRequest.Failure {
    fileprivate init(_ code: CURLcode) {
        description = String(cString: curl_easy_strerror(code))
        reason =
            switch code {
            case CURLE_OPERATION_TIMEDOUT: .patience
            case CURLE_TOO_MANY_REDIRECTS: .redirects
            case CURLE_UNSUPPORTED_PROTOCOL: .scheme
            case CURLE_COULDNT_RESOLVE_HOST: .name
            case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR: .certificate
            default: .other
            }
    }
}

/// Tells a request on another thread that nobody waits for it any more.
private final class Stop: Sendable {
    private let isSet = Atomic(false)
    func set() { isSet.store(true, ordering: .relaxed) }
    var isRequested: Bool { isSet.load(ordering: .relaxed) }
}

/// What has come of an answer's body.
private final class Received {
    private(set) var bytes: [UInt8] = []
    private(set) var isTooLong = false
    private let longest: Int

    init(longest: Int) { self.longest = longest }

    /// Taking fewer bytes than there are ends the request.
    static let receive: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int = {
        piece, size, count, context in
        guard let piece, let context else { return 0 }
        let received = Unmanaged<Received>.fromOpaque(context).takeUnretainedValue()
        guard received.bytes.count + size * count <= received.longest else {
            received.isTooLong = true
            return 0
        }
        received.bytes += UnsafeRawBufferPointer(start: piece, count: size * count)
        return size * count
    }
}

/// Opens the sockets of a request, for connections to addresses that are allowed.
private final class Door {
    private let destinations: Destinations
    private(set) var hasRefused = false

    init(_ destinations: Destinations) { self.destinations = destinations }

    static let open: @convention(c) (UnsafeMutableRawPointer?, curlsocktype, UnsafeMutablePointer<curl_sockaddr>?) -> curl_socket_t = {
        context, _, address in
        guard let context, let address else { return CURL_SOCKET_BAD }
        let door = Unmanaged<Door>.fromOpaque(context).takeUnretainedValue()
        let bytes = [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in count = Int(ccurl_address(address, buffer.baseAddress)) }
        guard door.destinations.allow(NetworkAddress(bytes)) else {
            door.hasRefused = true
            return CURL_SOCKET_BAD
        }
        return ccurl_open(address)
    }
}
