import CCurl
import Synchronization

/// One request and its answer, by libcurl, on the thread that calls: so a thread waits while the server works.
struct CurlRequest: Sendable {
    let url: String
    /// Authorization and the like, each a line.
    let headers: [String]
    /// Sent by POST.
    let body: [UInt8]
    /// For the whole of it.
    let patience: Duration

    struct Answer: Sendable {
        let status: Int
        let body: [UInt8]
    }

    /// Why there was no answer.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Tells a request on another thread that nobody waits for it any more; it ends within a second.
    final class Stop: Sendable {
        private let isSet = Atomic(false)
        func set() { isSet.store(true, ordering: .relaxed) }
        var isRequested: Bool { isSet.load(ordering: .relaxed) }
    }

    /// - Throws: ``Failure``.
    func perform(until stop: Stop) throws -> Answer {
        guard Self.isReady, let handle = curl_easy_init() else { throw Failure(description: "libcurl cannot be used.") }
        defer { curl_easy_cleanup(handle) }
        var lines: UnsafeMutablePointer<curl_slist>?
        defer { curl_slist_free_all(lines) }
        for header in headers { lines = curl_slist_append(lines, header) }
        let received = Received()
        try withExtendedLifetime((received, stop)) {
            try prepare(handle, lines, received, stop)
            try check(curl_easy_perform(handle))
        }
        return Answer(status: ccurl_status(handle), body: received.bytes)
    }

    private func prepare(
        _ handle: UnsafeMutableRawPointer, _ lines: UnsafeMutablePointer<curl_slist>?, _ received: Received, _ stop: Stop
    ) throws {
        try check(ccurl_set_text(handle, CURLOPT_URL, url))
        try check(ccurl_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https"))
        try check(ccurl_set_headers(handle, lines))
        try check(body.withUnsafeBytes { ccurl_set_body(handle, $0.baseAddress, $0.count) })
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

    private func check(_ code: CURLcode) throws {
        guard code == CURLE_OK else { throw Failure(description: String(cString: curl_easy_strerror(code))) }
    }

    private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
}

/// What has come of an answer's body.
private final class Received {
    private(set) var bytes: [UInt8] = []
    /// No answer to an agent is longer; whoever sends more is not a server of ours.
    private static let most = 4 << 20

    /// Taking fewer bytes than there are ends the request.
    static let receive: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int = {
        piece, size, count, context in
        guard let piece, let context else { return 0 }
        let received = Unmanaged<Received>.fromOpaque(context).takeUnretainedValue()
        guard received.bytes.count + size * count <= most else { return 0 }
        received.bytes += UnsafeRawBufferPointer(start: piece, count: size * count)
        return size * count
    }
}
