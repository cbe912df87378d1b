import HTTPTypes
import Postgres
import Tenancy
import Web

extension MembershipRow {
    static let operations: [Operation] = [
        Operation(
            "ListMemberships", "/api/v1/memberships/",
            "The members of a project, worker, model or group; or what the caller is a member of",
            rule: .person.own, page: list, count: count),
        // What it is on is in the body, which may name any of four kinds; the statement asks.
        Operation(
            "CreateMembership", .post, "/api/v1/memberships/", "Give a person or a group a level",
            rule: .person.asking(.admin, on: .corpus), status: .created
        ) { (input: CreateMembership, scope: Scope) -> Reply<MembershipRow> in
            guard [10, 50, 100].contains(input.body.level.value) else { throw Problem.levels }
            guard let made = try await scope.first(create, input) else { throw Problem.notFound }
            return try .row(await scope.rows(retrieve, made))
        },
        Operation(
            "PartialUpdateMembership", .patch, "/api/v1/membership/{id}/", "Change a level",
            rule: .level(.admin, on: .membership, \.id)
        ) { (input: PartialUpdateMembership, scope: Scope) -> Reply<MembershipRow> in
            guard [10, 50, 100].contains(input.body.level.value) else { throw Problem.levels }
            let results = try await scope.run([scope.call(update, input), scope.call(retrieve, OnlyMembershipID(id: input.id))])
            return try .row(results[1])
        },
        // Guests may leave; the statement asks for more where it is not the caller's own.
        Operation(
            "DestroyMembership", .delete, "/api/v1/membership/{id}/", "Take a member out, or leave",
            rule: .level(.guest, on: .membership, \.id).asking(.admin, on: .membership), nothing: destroy),
    ]
}

extension Problem {
    fileprivate static var levels: Problem { .invalid("level", "Must be 10 (guest), 50 (contributor) or 100 (admin).") }
}
