import Deletion
import Jobs
import Postgres
import Shapes
import Tenancy
import Testing
import Web

@testable import Server

/// What monitoring reads.
@Suite struct MetricsTests {
    @Test func jobsAndRequestsAreCounted() async throws {
        try await Tester.with { tester in
            let requests = RequestMetrics()
            let metrics = Metrics(tenancy: tester.tenancy, requests: requests)
            let counting = try tester.serving(metrics: requests)
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.finished()
            _ = try await tester.deleted(scenario.corpus, "worker_run_id=\(task.run)")
            _ = try await tester.job("nobodys_kind", in: scenario.corpus)
            try await tester.asOwner("UPDATE job SET run_at = now() - interval '90 seconds' WHERE kind = 'nobodys_kind'")
            #expect(try await counting.get("/api/v1/corpus/").status == 200)
            #expect(try await counting.get("/api/v1/corpus/").status == 200)
            #expect(try await counting.get("/api/v1/corpus/", as: .nobody).status == 200)
            #expect(try await counting.get("/api/v1/element/\(scenario.corpus)/").status == 404)
            for path in ["/never/was/", "/nor/this/"] { #expect(try await counting.get(path).status == 404) }
            let lines = Set(await metrics.exposition().text.split(separator: "\n").map(String.init))
            for line in [
                "palimpsest_database_up 1.0", #"palimpsest_jobs{kind="purge",state="queued"} 1.0"#,
                #"palimpsest_job_objects_left{kind="purge"} 1.0"#, "palimpsest_hidden_lineages 0.0",
                #"palimpsest_request_duration_seconds_count{operation="ListCorpus",status="200"} 3.0"#,
                #"palimpsest_request_duration_seconds_bucket{operation="ListCorpus",status="200",le="+Inf"} 3.0"#,
                #"palimpsest_request_duration_seconds_count{operation="RetrieveElement",status="404"} 1.0"#,
                #"palimpsest_request_duration_seconds_count{operation="page",status="404"} 2.0"#, "palimpsest_pool_shared_connected 3.0",
            ] {
                #expect(lines.contains(line), "\(line)")
            }
            let oldest = lines.first { $0.hasPrefix("palimpsest_job_oldest_due_seconds ") }.flatMap { Double($0.split(separator: " ")[1]) }
            #expect((90..<200).contains(oldest ?? 0))
            // Nothing of it says whose it is.
            #expect(!lines.contains { $0.contains(scenario.corpus) || $0.contains(tester.tenant.text) })
        }
    }

    @Test func labelsAreEscaped() {
        var exposition = Exposition()
        exposition.family("a", .gauge, "One\nline")
        exposition.sample("a", [("name", "with \"quotes\", \\ and\nlines")], 2)
        #expect(exposition.text == "# HELP a One\\nline\n# TYPE a gauge\na{name=\"with \\\"quotes\\\", \\\\ and\\nlines\"} 2.0\n")
    }
}
