import AsyncAlgorithms

/// What a program has printed and nobody has stored yet.
actor Transcript {
    private var bytes: [UInt8] = []

    /// Whether the program has to wait: a log keeps no more than this anyway.
    var isFull: Bool { bytes.count >= 1_000_000 }

    func append(_ more: some Sequence<UInt8>) {
        bytes += more
    }

    /// Takes the text out, but for a character at its end of which bytes are yet to come.
    /// - Parameter all: nothing is to come. Whatever is not UTF-8 is replaced.
    func take(all: Bool) -> String {
        let count = bytes.count - (all ? 0 : bytes.unfinished)
        defer { bytes.removeFirst(count) }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    /// Hands the text to the report, at most once a second, until `end` has an element; then the rest.
    func send(to report: Report, until end: AsyncStream<Void>) async {
        let ticks = AsyncTimerSequence(interval: .seconds(1), clock: .continuous).map { _ in false }
        for await isLast in merge(ticks, end.map { true }) {
            let text = take(all: isLast)
            if !text.isEmpty { await report.log(text) }
            if isLast { return }
        }
    }
}

extension [UInt8] {
    /// How many bytes at the end begin a character whose rest is missing.
    fileprivate var unfinished: Int {
        for (after, byte) in suffix(3).reversed().enumerated() where byte & 0xC0 != 0x80 {
            let length = (~byte).leadingZeroBitCount
            return length > after + 1 ? after + 1 : 0
        }
        return 0
    }
}
