import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

/// For how many seconds an agent has a task, unless it says again that it still has it.
struct LeaseSeconds: Leaf {
    let value: Int
    static let shape = Shape.integer(5...3600)
    static let sample = LeaseSeconds(value: 60)
    init(value: Int) { self.value = value }
}

/// Which of the attempts at a task, from 1.
struct AttemptNumber: Leaf {
    let value: Int
    static let shape = Shape.integer(1...32_767)
    static let sample = AttemptNumber(value: 1)
    init(value: Int) { self.value = value }
}

/// Which piece of an attempt's log, from 1.
struct PieceNumber: Leaf {
    let value: Int
    static let shape = Shape.integer(1...2_147_483_647)
    static let sample = PieceNumber(value: 1)
    init(value: Int) { self.value = value }
}

/// A piece of a log. More is sent in several.
struct LogPiece: Leaf {
    let value: String
    static let shape = Shape.string(.init(maximum: 100_000))
    static let sample = LogPiece(value: "a\n")
    init(value: String) { self.value = value }
}

struct RenewTask: Codable, Sendable {
    struct Content: Codable, Sendable {
        var attempt: AttemptNumber
        var lease: LeaseSeconds
    }
    var id: ID<WorkTask>
    var body: Content
}

/// Whether the holder of a lease is to go on.
struct HeldTask: Decodable, Sendable {
    /// `running`, or `stopping` when the program has to end.
    var state: String
}

struct AppendTaskLog: Codable, Sendable {
    struct Content: Codable, Sendable {
        var attempt: AttemptNumber
        /// Counts the pieces of this attempt: one that was taken already is not taken twice.
        var piece: PieceNumber
        var text: LogPiece
    }
    var id: ID<WorkTask>
    var body: Content
}

struct EndTask: Codable, Sendable {
    struct Content: Codable, Sendable {
        var attempt: AttemptNumber
        var state: Outcome
        var exit_code: ExitCode?
    }
    var id: ID<WorkTask>
    var body: Content
}

struct ReleaseTask: Codable, Sendable {
    struct Content: Codable, Sendable {
        var attempt: AttemptNumber
    }
    var id: ID<WorkTask>
    var body: Content
}

/// What a program on another machine says of the attempts that it holds; the built-in executor says the same with ``Attempt``.
enum AgentReports {
    static let renewal = Statement<RenewTask, HeldTask>(
        "renew_held_task", "SELECT renew_held_task($id, $body.attempt, make_interval(secs => $body.lease::integer)) AS state")
    static let logging = Statement<AppendTaskLog, NoRow>(
        "append_held_task_log", "SELECT append_held_task_log($id, $body.attempt, $body.piece, $body.text)")
    static let ending = Statement<EndTask, NoRow>(
        "end_held_task", "SELECT end_held_task($id, $body.attempt, $body.state, $body.exit_code)")
    static let releasing = Statement<ReleaseTask, NoRow>("release_held_task", "SELECT release_held_task($id, $body.attempt)")

    static let operations: [Operation] = [
        Operation(
            "RenewTask", .post, "/api/v1/agent/task/{id}/renew/", "Keep a claimed task for another while",
            rule: .agent.asking(.guest, on: .task), one: renewal),
        Operation(
            "AppendTaskLog", .post, "/api/v1/agent/task/{id}/log/", "Add to the log of a claimed task",
            rule: .agent.asking(.guest, on: .task), nothing: logging),
        Operation(
            "EndTask", .post, "/api/v1/agent/task/{id}/end/", "Say how the program of a claimed task ended",
            rule: .agent.asking(.guest, on: .task), nothing: ending),
        Operation(
            "ReleaseTask", .post, "/api/v1/agent/task/{id}/release/", "Give a claimed task back to the queue",
            rule: .agent.asking(.guest, on: .task), nothing: releasing),
    ]
}
