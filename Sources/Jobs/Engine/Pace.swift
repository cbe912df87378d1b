import Tenancy

/// How large the next batch of a job is, and how long to leave the database to others before it.
///
/// While nobody asks for anything batches are large and follow one another at once. As soon as somebody does they are as short as what people
/// wait for anyway, with rests in between; and they get shorter, or the rests longer, as long as those who ask wait noticeably longer than they do
/// while no job is at it. What they wait otherwise is found out in rests that are long enough to listen.
struct Pace: Sendable {
    /// What one batch has shown.
    struct Observation: Sendable {
        var took: Duration
        var waits: Waits.Reading
    }

    struct Rest: Sendable, Equatable {
        var length = Duration.zero
        /// Whether whoever asks meanwhile is undisturbed.
        var listens = false
    }

    /// In rows.
    private(set) var size = 2_000
    static let sizes = 200...50_000

    /// What a batch is to take while nobody else is there, because nobody can be foreseen: whoever comes meets one of these.
    private let longest: Duration
    /// What it is to take while somebody is, and how many times as long the rest after it is.
    private(set) var target = Duration.milliseconds(5)
    private(set) var patience = 2.0
    private var sinceListening = Duration.zero
    private var wasAlone = false

    static let targets = Duration.milliseconds(1)...Duration.milliseconds(50)
    static let patiences = 1.0...64.0
    static let longestRest = Duration.seconds(2)
    /// For how long nobody has asked when nobody is there.
    static let solitude = Duration.seconds(1)
    /// How often to listen, and for how long.
    static let listening = (every: Duration.seconds(1), for: Duration.milliseconds(50))
    /// How many times as long as usual people may wait, and below which nobody notices anything.
    static let bearable = 1.3
    static let unnoticed = 1.15

    init(longest: Duration = .milliseconds(200)) { self.longest = longest }

    /// What to do after a batch, and how large the next one is from then on.
    mutating func adapt(to seen: Observation) -> Rest {
        let alone = seen.waits.idle.map { $0 >= Self.solitude } ?? true
        defer { wasAlone = alone }
        if !alone { heed(seen.waits) }
        resize(seen.took, to: alone ? longest : min(target, longest), atOnce: wasAlone && !alone)
        return alone ? Rest() : rest(seen)
    }

    private mutating func heed(_ waits: Waits.Reading) {
        guard let usual = waits.usual, let disturbed = waits.disturbed else { return }
        switch disturbed / usual {
        case Self.bearable...: becomeGentler()
        case ...Self.unnoticed: becomeBolder()
        default: break
        }
    }

    private mutating func becomeGentler() {
        if target > Self.targets.lowerBound {
            target = max(target / 2, Self.targets.lowerBound)
        } else {
            patience = min(patience * 2, Self.patiences.upperBound)
        }
    }

    private mutating func becomeBolder() {
        if patience > Self.patiences.lowerBound {
            patience = max(patience / 2, Self.patiences.lowerBound)
        } else {
            target = min(target * 1.25, Self.targets.upperBound)
        }
    }

    /// At most twice as many at a time, and half as many, unless somebody has just come: one measurement is not to be believed too much.
    private mutating func resize(_ took: Duration, to wanted: Duration, atOnce: Bool) {
        let factor = min(took == .zero ? 2 : wanted / took, 2)
        size = Int(Double(size) * (atOnce ? factor : max(factor, 0.5)))
        size = min(max(size, Self.sizes.lowerBound), Self.sizes.upperBound)
    }

    private mutating func rest(_ seen: Observation) -> Rest {
        let length = min(seen.took * patience, Self.longestRest)
        sinceListening += seen.took + length
        guard seen.waits.usual == nil || sinceListening >= Self.listening.every else { return Rest(length: length) }
        sinceListening = .zero
        return Rest(length: max(length, Self.listening.for), listens: true)
    }
}

extension RunningJob {
    /// One batch after the other, at a pace that leaves the database to those who ask for something.
    /// - Parameters:
    ///   - longest: what a batch takes at most, more or less, also while nobody else is there.
    ///   - batch: takes at most so many rows, and says whether any are left.
    /// - Throws: what a batch throws, or `CancellationError`.
    public func inBatches(longest: Duration = .milliseconds(200), _ batch: (_ most: Int) async throws -> Bool) async throws {
        var pace = Pace(longest: longest)
        waits.disturb()
        defer { waits.calm() }
        while true {
            let began = ContinuousClock.now
            guard try await batch(pace.size) else { return }
            try await rest(pace.adapt(to: .init(took: ContinuousClock.now - began, waits: waits.read())))
        }
    }

    private func rest(_ rest: Pace.Rest) async throws {
        if rest.listens { waits.calm() }
        defer { if rest.listens { waits.disturb() } }
        // The pause is the point here, not a way to wait for something.
        try await Task.sleep(for: rest.length)
    }
}
