/// One step of a history. The numbers choose among what there is when the step is taken, so that any step may be left out of a history
/// and the rest still makes sense: that is how a failing one is made short.
enum Step: Sendable {
    /// `by` chooses who: a person, or one of the runs.
    case element(by: Int, under: Int)
    case transcription(by: Int, on: Int)
    case classification(by: Int, on: Int)
    case metadata(by: Int, on: Int)
    case entity(by: Int, on: Int)
    /// By a person.
    case rename(Int)
    case correct(Int)
    case judge(Int, valid: Bool)
    case remove(Int)
    case link(Int, below: Int)
    case unlink(Int)
    /// By a person, or by a run: work by hand keeps where it has come to.
    case move(Int, below: Int, by: Int)
    /// Looks at the numbers of a preview, and deletes with its token when it has one.
    case preview(run: Int, keep: Bool)
    case delete(run: Int, keep: Bool, withToken: Bool)
    /// Limited to an element, or to two that were selected.
    case deleteWithin(run: Int, keep: Bool, of: Int, selected: Bool)
    /// An element, by hand.
    case erase(Int)
    case undo(Int)
    /// Lets the time of a deletion run out, and takes so many batches of so many rows, each by a server that dies after it.
    case purge(Int, batches: Int, most: Int)
    /// The database's connection goes under the next request, and whoever made it sends it again.
    case strike(Strikes.Moment)

    static func random(_ random: inout Seeded) -> Step {
        func number() -> Int { .random(in: 0..<1_000, using: &random) }
        return switch Int.random(in: 0..<41, using: &random) {
        case 0..<5: .element(by: number(), under: number())
        case 5..<9: .transcription(by: number(), on: number())
        case 9..<11: .classification(by: number(), on: number())
        case 11: .metadata(by: number(), on: number())
        case 12..<15: .entity(by: number(), on: number())
        case 15: .rename(number())
        case 16: .correct(number())
        case 17: .judge(number(), valid: .random(using: &random))
        case 18: .remove(number())
        case 19: .link(number(), below: number())
        case 30: .unlink(number())
        case 31: .move(number(), below: number(), by: number())
        case 32..<36: .deleteWithin(run: number(), keep: .random(using: &random), of: number(), selected: .random(using: &random))
        case 36: .erase(number())
        case 20: .preview(run: number(), keep: .random(using: &random))
        case 21..<25: .delete(run: number(), keep: .random(using: &random), withToken: .random(using: &random))
        case 25..<28: .undo(number())
        case 37..<41: .strike(.random(using: &random) ? .beforeCommit : .afterCommit)
        default: .purge(number(), batches: .random(in: 1...40, using: &random), most: .random(in: 1...5, using: &random))
        }
    }

    /// More than a row or two.
    var changesWhatIsSeen: Bool {
        switch self {
        case .link, .unlink, .move, .delete, .deleteWithin, .erase, .undo, .purge: true
        default: false
        }
    }
}
