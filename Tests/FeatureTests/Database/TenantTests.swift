import Postgres
import Shapes
import Tenancy
import Testing

@testable import Server

/// Row security as the runtime role meets it, whatever statement it sends.
@Suite struct TenantTests {
    /// Unset, empty and malformed: each shows no row, or fails.
    @Test(arguments: [nil, "", "x", "00000000-0000-0000-0000-000000000000"])
    func withoutATenantThereAreNoRows(_ setting: String?) async throws {
        try await Tester.with { tester in
            _ = try await Scenario(tester).claimed()
            let seen = try await tester.database.connected(to: tester.database.application) { lease in
                var seen: [String] = []
                for table in try await tables(lease) {
                    // A segment of its own is a transaction of its own, in which the setting ends.
                    let rows = try? await lease.segment(setting.calls + [Call("SELECT FROM \(table) LIMIT 1")]).last
                    if let rows, rows.count > 0 { seen.append(table) }
                }
                return seen
            }
            #expect(seen == [])
        }
    }

    /// The owner can copy each row; the runtime role without its tenant can't.
    @Test(arguments: [nil, "", "x", "00000000-0000-0000-0000-000000000000"])
    func withoutATenantNothingIsWritten(_ setting: String?) async throws {
        try await Tester.with { tester in
            let tenant = tester.tenant.text
            let written = try await tester.database.connected(to: tester.database.application) { lease in
                var written: [String] = []
                for table in try await tables(lease) {
                    let insert =
                        "INSERT INTO \(table) SELECT (jsonb_populate_record(NULL::\(table), jsonb_build_object('tenant_id', $1::text))).*"
                    do {
                        _ = try await lease.segment(setting.calls + [Call(insert, [.text(tenant)])])
                        written.append(table)
                    } catch let failure as PostgresFailure where failure.sqlState == "42501" || failure.sqlState == "22P02" {
                        continue
                    } catch let failure as PostgresFailure where failure.sqlState == "23502" {
                        // A BEFORE check of NOT NULL comes after that of the policy, so this would have been written.
                        written.append(table)
                    }
                }
                return written
            }
            #expect(written == [])
        }
    }

    @Test func anotherTenantSeesNothingOfTheFirst() async throws {
        try await Tester.with(.enterprise) { tester in
            _ = try await Scenario(tester).claimed()
            let other = try await tester.secondTenant()
            let seen = try await tester.database.connected(to: tester.database.application) { lease in
                var seen: [String: Int] = [:]
                for table in try await tables(lease) {
                    do {
                        let count = try await lease.segment([
                            .enter(other, scheme: "system"), Call("SELECT count(*) FROM \(table) WHERE tenant_id <> $1", [other.parameter]),
                        ])[1]
                        if count.text(0, 0) != "0" { seen[table] = 1 }
                    } catch let failure as PostgresFailure where failure.sqlState == "42501" && table == "capability_key" {
                        // The one table that the runtime role cannot even read.
                        continue
                    }
                }
                return seen
            }
            #expect(seen == [:])
        }
    }

    /// By id in the path, in the body and in filters: as if it did not exist.
    @Test func anotherTenantReachesNothingOfTheFirstByItsID() async throws {
        try await Tester.with(.enterprise) { tester in
            let scenario = try await Scenario(tester)
            let task = try await scenario.claimed()
            let line = try #require(try await scenario.lines(1, below: scenario.pages[0], by: task).first)
            let stranger = Tester.Caller.token(try await tester.token(in: try await tester.secondTenant()))
            let model = try await tester.model("Letters")
            let modelVersion = try await tester.modelVersion(of: model)
            let dataset = try await scenario.dataset(["train"])
            let paths = [
                "/api/v1/model/\(model)/", "/api/v1/modelversion/\(modelVersion)/", "/api/v1/datasets/\(dataset)/",
                "/api/v1/corpus/\(scenario.corpus)/", "/api/v1/corpus/\(scenario.corpus)/elements/", "/api/v1/element/\(line)/",
                "/api/v1/elements/\(scenario.folder)/children/", "/api/v1/image/\(scenario.image)/", "/api/v1/workers/\(scenario.worker)/",
                "/api/v1/workers/versions/\(scenario.version)/", "/api/v1/process/\(task.process)/", "/api/v1/process/workers/\(task.run)/",
                "/api/v1/task/\(task.task)/", "/api/v1/workers/runs/\(task.run)/configuration/",
            ]
            for path in paths {
                let answer = try await tester.get(path, as: stranger)
                #expect(answer.status == 404, "\(path): \(answer)")
            }
            let mine = try await tester.post("/api/v1/corpus/", ["name": "Mine"], as: stranger).created()
            let filtered = try await tester.get("/api/v1/corpus/\(mine)/elements/?worker_run=\(task.run)", as: stranger)
            #expect(try filtered.expect()["count"] == 0)
            let linked = try await tester.post(
                "/api/v1/elements/create/",
                [
                    "corpus": .string(mine), "type": "page", "name": "1", "image": .string(scenario.image),
                    "parent": .string(scenario.folder),
                ],
                as: stranger)
            #expect(linked.status == 400, "\(linked)")
            // The slug is free in the other tenant, and so is the image's address.
            let worker = try await tester.post(
                "/api/v1/workers/", ["name": "Reader", "slug": "reader", "type": "recognizer"], as: stranger)
            #expect(try worker.created() != scenario.worker)
        }
    }
}

private func tables(_ lease: Lease) async throws -> [String] {
    let rows = try await lease.run(
        Call(
            """
            SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
              AND c.relname NOT IN ('schema_file', 'deployment') ORDER BY 1
            """))
    try #require(rows.count > 30)
    return (0..<rows.count).compactMap { rows.text($0, 0) }
}

extension String? {
    fileprivate var calls: [Call] {
        map { [Call("SELECT set_config('app.tenant_id', $1, true)", [.text($0)])] } ?? []
    }
}

extension Call {
    /// What every segment of the server begins with.
    static func enter(_ tenant: ID<Tenant>, scheme: String) -> Call {
        Call("SELECT enter($1::uuid, $2, NULL, false, NULL, NULL, 0)", [tenant.parameter, .text(scheme)])
    }
}
