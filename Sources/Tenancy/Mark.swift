import Postgres

/// What a request's segment leaves in the database if it wrote anything: a row that is kept with what it wrote, or not at all.
///
/// A connection can go after a commit and before its answer. Clients repeat what was answered with 503, and whatever they had published
/// would be there twice; so the server looks for the mark before it answers.
struct Mark {
    let tenant: ID<Tenant>
    let id = ID<Mark>()

    /// The last call of the segment. One that only read leaves nothing, and its commit stays free of cost.
    var leave: Call {
        Call(
            "INSERT INTO segment_mark (tenant_id, id) SELECT $1, $2 WHERE pg_current_xact_id_if_assigned() IS NOT NULL",
            [tenant.parameter, id.parameter])
    }

    /// Whether the segment was kept. From then on it cannot be kept any more if it was not. Waits for the database to come back, as often as
    /// the pool waits for a connection, and for a segment that still runs.
    /// - Throws: ``PostgresFailure`` when it cannot be known.
    func isKept(_ pool: Pool, for party: Party) async throws -> Bool {
        for _ in 1..<Self.mostTries {
            do { return try await take(pool, party) } catch let failure as PostgresFailure where failure.mayPass {}
        }
        return try await take(pool, party)
    }

    private func take(_ pool: Pool, _ party: Party) async throws -> Bool {
        // As nobody: who made the request may have lost every right meanwhile.
        let enter = Call("SELECT enter($1::uuid, 'anonymous', NULL, false, NULL, NULL, 0)", [tenant.parameter])
        return try await pool.segment([enter, Call("SELECT take_mark($1)", [id.parameter])], for: party)[1].text(0, 0) == "t"
    }

    /// Clients wait for an answer for a minute; the pool waits for a connection for ten seconds.
    private static let mostTries = 4
}

extension PostgresFailure {
    /// Whether the database may answer when it is asked again.
    fileprivate var mayPass: Bool { [.connectionLost, .unreachable, .timeout, .overloaded].contains(code) }
}

extension Tenancy {
    /// Forgets the marks that no request can ask for any more, in all tenants.
    public func forgetMarks() async throws {
        _ = try await pool.segment([Call("SELECT forget_marks()")])
    }
}
