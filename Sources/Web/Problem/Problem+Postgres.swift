import FoundationEssentials
import HTTPTypes
public import Postgres
import Shapes

extension Problem {
    /// What a client is told of a failure of the database. Nothing of the server's own words gets out: they may hold values.
    /// - Parameter conflicts: what the features say about the constraints that they count on.
    public init(_ failure: PostgresFailure, conflicts: [String: Problem]) {
        if let refusal = Self.refusal(failure) {
            self = refusal
        } else if let constraint = failure.constraint, let conflict = conflicts[constraint] {
            self = conflict
        } else {
            self = Self.generic(failure)
        }
    }

    /// What the database function `refuse_all` raised.
    private static func refusal(_ failure: PostgresFailure) -> Problem? {
        guard let state = failure.sqlState, state.hasPrefix("PL"), let code = Int(state.dropFirst(2)),
            let detail = failure.detail, let body = try? JSONDecoder().decode(JSONValue.self, from: Data(detail.utf8)),
            case .object(var members) = body, case .array(let errors) = members.removeValue(forKey: "errors")
        else { return nil }
        var seconds: Int?
        if case .integer(let wait) = members.removeValue(forKey: "retry_after") { seconds = wait }
        var problem = Problem(.init(code: code), items: errors.map(Item.init(json:)), extra: members)
        problem.retryAfter = seconds
        return problem
    }

    private static func generic(_ failure: PostgresFailure) -> Problem {
        switch (failure.code, failure.sqlState?.prefix(2) ?? "") {
        case (.invalidParameter, _):
            Problem(.badRequest, "null_character", "NUL characters are not allowed.")
        case (.server, "22"):
            malformed(failure)
        case (.server, "54"):
            Problem(.badRequest, "too_large", "The request is nested too deeply, or a value in it is too long.")
        case (.server, "23"):
            violation(failure)
        case (.server, "40"):
            Problem(.serviceUnavailable, "busy", "Too many changes at the same place at the same time.", retryAfter: 1)
        case (.overloaded, _):
            Problem(.serviceUnavailable, "busy", "Too many requests wait for the database already. Try again.", retryAfter: 2)
        case (.server, "57"), (.server, "53"), (.timeout, _), (.unreachable, _), (.connectionLost, _):
            Problem(.serviceUnavailable, "unavailable", "The database did not answer in time. Try again.", retryAfter: 2)
        case (.answerLost, _):
            Problem(.conflict, "answer_lost", "This was done, but the database's answer was lost. Do not repeat it: look at what is there.")
        default:
            Problem(.internalServerError, "server_error", "Something went wrong on the server. It has been logged under the request's id.")
        }
    }

    /// Bodies that are handed on as they came are read by PostgreSQL alone.
    private static func malformed(_ failure: PostgresFailure) -> Problem {
        switch failure.sqlState {
        case "22P05": Problem(.badRequest, "null_character", "NUL characters are not allowed.")
        case "22021": Problem(.badRequest, "parse_error", "The body must be UTF-8, without NUL characters.")
        case "22P02" where failure.message?.contains("type json") == true:
            Problem(.badRequest, "parse_error", "The body must be one JSON value.")
        default: Problem(.badRequest, "invalid", "A value does not have the form, or the size, that this field can hold.")
        }
    }

    /// Constraints are named `<table>_<field>_<rule>`; those that clients can meet otherwise are spoken for by their feature.
    private static func violation(_ failure: PostgresFailure) -> Problem {
        let rule = failure.constraint ?? failure.column ?? "a rule of the database"
        switch failure.sqlState {
        case "23505": return Problem(.conflict, "exists", "This exists already (\(rule)).")
        case "23502": return Problem(.badRequest, "null", "This field may not be null.", at: failure.column.map { [.key($0)] })
        case "23503": return Problem(.badRequest, "does_not_exist", "This refers to something that does not exist (\(rule)).")
        default: return Problem(.badRequest, "invalid", "This breaks the rule \(rule).")
        }
    }
}

extension Problem.Item {
    fileprivate init(json: JSONValue) {
        var path: [Fault.Step]?
        if case .array(let steps) = json["attr"] {
            path = steps.compactMap { step in
                switch step {
                case .string(let key): .key(key)
                case .integer(let index): .index(index)
                default: nil
                }
            }
        }
        self.init(attr: path?.isEmpty == true ? nil : path, code: json["code"]?.string ?? "invalid", detail: json["detail"]?.string ?? "")
    }
}
