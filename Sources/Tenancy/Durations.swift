/// How long things took, in classes that are a sixteenth wide: a thousand numbers, however many were added.
struct Durations: Sendable {
    /// How many are remembered: where there are twice as many, each counts half.
    private let memory: Double
    private var classes: [Double] = []
    private(set) var count = 0.0

    init(memory: Double) { self.memory = memory }

    mutating func add(_ duration: Duration) {
        let place = Self.place(of: UInt64(max(duration / .microseconds(1), 1)))
        if classes.count <= place { classes += repeatElement(0, count: place + 1 - classes.count) }
        classes[place] += 1
        count += 1
        guard count >= memory * 2 else { return }
        for place in classes.indices { classes[place] /= 2 }
        count /= 2
    }

    /// What this share of them took at most; nil while there are fewer than `enough`.
    func most(of share: Double, enough: Double) -> Duration? {
        guard count >= enough else { return nil }
        var left = count * share
        for (place, count) in classes.enumerated() {
            left -= count
            if left <= 0 { return .microseconds(Self.bound(of: place)) }
        }
        return .microseconds(Self.bound(of: classes.count - 1))
    }

    /// Up to 16 µs one by one, then sixteen classes for each power of two.
    private static func place(of microseconds: UInt64) -> Int {
        let power = 63 - microseconds.leadingZeroBitCount
        guard power > 4 else { return Int(microseconds) }
        return (power - 4) * 16 + Int(microseconds >> UInt64(power - 4))
    }

    /// The middle of a class.
    private static func bound(of place: Int) -> Int64 {
        guard place >= 32 else { return Int64(place) }
        let power = place / 16 - 1
        return Int64(16 + place % 16) << power + Int64(1) << power / 2
    }
}
