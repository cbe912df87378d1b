import Postgres
public import Tenancy

/// One attempt at a task, as whoever runs it reports on it. The attempt's number fences off an earlier holder that lost its lease.
public struct Attempt: Sendable {
    private let scope: Scope
    private let task: ID<WorkTask>
    private let number: Int

    public init(scope: Scope, task: ID<WorkTask>, number: Int) {
        self.scope = scope
        self.task = task
        self.number = number
    }

    /// What the database says to the holder of a lease.
    public enum Order: Sendable {
        case proceed, stop
        /// Somebody else may have the task by now.
        case leaseLost
    }

    /// Keeps the lease for another while.
    public func renew(_ lease: Duration) async throws -> Order {
        let input = Renewal(id: task, attempt: number, lease: "\(lease.components.seconds) seconds")
        switch try await scope.first(Self.renewal, input)?.proceed {
        case .some(true): return .proceed
        case .some(false): return .stop
        case .none: return .leaseLost
        }
    }

    /// Adds to the log that people read.
    /// - Parameter piece: counts them from 1 in each attempt, so that one which is sent again is not kept twice.
    public func log(_ text: String, piece: Int) async throws {
        let text = text.replacing("\0", with: "")
        _ = try await scope.rows(Self.logging, LogText(id: task, attempt: number, piece: piece, text: text))
    }

    /// Ends it: 0 completed, anything else failed; nil is an error of the system, not of the program.
    public func end(exitCode: Int?) async throws {
        let outcome = exitCode.map { $0 == 0 ? Outcome.completed : .failed } ?? .error
        _ = try await scope.rows(Self.ending, Ending(id: task, attempt: number, outcome: outcome, code: exitCode))
    }

    /// Gives it back before its time, so that somebody else may try; it does not count against the task.
    public func release() async throws {
        _ = try await scope.rows(Self.releasing, Numbered(id: task, attempt: number))
    }

    /// Gives back the tasks whose lease ran out.
    public static func reap(_ scope: Scope) async throws {
        _ = try await scope.rows(reaping, NoInput())
    }
}

extension Attempt {
    struct Renewal: Codable, Sendable {
        var id: ID<WorkTask>
        var attempt: Int
        var lease: String
    }
    struct Proceed: Codable, Sendable { var proceed: Bool? }
    struct LogText: Codable, Sendable {
        var id: ID<WorkTask>
        var attempt: Int
        var piece: Int
        var text: String
    }
    struct Ending: Codable, Sendable {
        var id: ID<WorkTask>
        var attempt: Int
        var outcome: Outcome
        var code: Int?
    }

    struct Numbered: Codable, Sendable {
        var id: ID<WorkTask>
        var attempt: Int
    }

    static let releasing = Statement<Numbered, NoRow>("release_task", "SELECT release_task($id, $attempt)")
    static let renewal = Statement<Renewal, Proceed>("renew_task", "SELECT renew_task($id, $attempt, $lease::interval) AS proceed")
    static let logging = Statement<LogText, NoRow>("append_task_log", "SELECT append_task_log($id, $attempt, $piece, $text)")
    static let ending = Statement<Ending, NoRow>("end_task", "SELECT end_task($id, $attempt, $outcome, $code)")
    static let reaping = Statement<NoInput, NoRow>("reap_tasks", "SELECT reap_tasks()")
}
