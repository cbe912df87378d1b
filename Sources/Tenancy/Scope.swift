public import Postgres
import Shapes

/// The only door to rows. Each segment that it runs is one transaction in one round trip, which begins by entering: the database
/// sets the tenant and the user, checks the access that the operation declared, and ends the segment otherwise.
public struct Scope: Sendable {
    public let caller: Caller
    private let access: Access
    private let pool: Pool
    private let parties: Parties
    private let restrictsCommands: Bool
    private let apart: Bool
    private let origin: String?
    private let ending: Call?
    /// How long those wait who make requests.
    public let waits: Waits

    init(
        caller: Caller, access: Access, pool: Pool, parties: Parties, waits: Waits, restrictsCommands: Bool, apart: Bool, origin: String?,
        ending: Call?
    ) {
        self.waits = waits
        self.origin = origin
        self.ending = ending
        self.restrictsCommands = restrictsCommands
        self.apart = apart
        self.caller = caller
        self.access = access
        self.pool = pool
        self.parties = parties
    }

    /// Runs statements that belong together: all or none are kept.
    /// - Returns: one result for each call, in order.
    /// - Throws: ``PostgresFailure``; a refusal by the database has an SQLSTATE of the form `PLnnn`.
    public func run(_ calls: [Call]) async throws -> [Rows] {
        let admission = access.isEnterpriseOnly ? [enter, Call("SELECT require_enterprise()")] : [enter]
        let mark = access.writes && caller.scheme != .system ? Mark(tenant: caller.tenant) : nil
        let segment = admission + calls + [mark?.leave, ending].compactMap(\.self)
        let results = try await send(segment, mark, for: parties.party(of: caller.tenant))
        parties.met(caller.tenant)
        return Array(results.dropFirst(admission.count).prefix(calls.count))
    }

    private func send(_ segment: [Call], _ mark: Mark?, for party: Party) async throws -> [Rows] {
        if apart { return try await pool.segmentApart(segment, for: party) }
        if caller.scheme == .system { return try await pool.segment(segment, for: party) }
        return try await waits.timing {
            guard let mark else { return try await pool.segment(segment, for: party) }
            return try await pool.segment(segment, for: party) { try await mark.isKept(pool, for: party) }
        }
    }

    /// One statement as a call, with the tenant supplied.
    public func call<Input, Row>(_ statement: Statement<Input, Row>, _ input: Input, also: [String: Parameter] = [:]) throws -> Call {
        guard statement.placeholders.contains("tenant") else { return try statement.call(input, also: also) }
        return try statement.call(input, also: also.merging(["tenant": caller.tenant.parameter]) { given, _ in given })
    }

    /// The raw rows of one statement.
    public func rows<Input, Row>(_ statement: Statement<Input, Row>, _ input: Input, also: [String: Parameter] = [:]) async throws -> Rows {
        try await run([call(statement, input, also: also)])[0]
    }

    /// The decoded rows of one statement.
    public func all<Input, Row>(_ statement: Statement<Input, Row>, _ input: Input, also: [String: Parameter] = [:]) async throws -> [Row] {
        try statement.rows(await rows(statement, input, also: also))
    }

    /// The first decoded row of one statement.
    public func first<Input, Row>(_ statement: Statement<Input, Row>, _ input: Input, also: [String: Parameter] = [:]) async throws -> Row?
    {
        try await all(statement, input, also: also).first
    }

    private var enter: Call {
        Call(
            "SELECT enter($1::uuid, $2, decode($3, 'hex'), $4::boolean, $5, $6::uuid, $7::integer, $8::boolean, $9, $10::jsonb)",
            [
                caller.tenant.parameter, .text(caller.scheme.rawValue), caller.digest.map(Parameter.text) ?? .null,
                .text(access.writes ? "true" : "false"), access.kind.map { .text($0.rawValue) } ?? .null,
                access.object.map(Parameter.text) ?? .null, .text(String(access.level.rawValue)),
                .text(restrictsCommands ? "true" : "false"), origin.map(Parameter.text) ?? .null, caller.capability?.parameter ?? .null,
            ])
    }
}

extension Capability: ParameterConvertible {
    /// As `enter` takes it.
    public var parameter: Parameter {
        let members: JSONValue = [
            "kind": .string(kind), "verb": .string(verb), "object": .string(object), "until": .string(until), "mac": .string(mac),
        ]
        return .text(members.text)
    }
}
