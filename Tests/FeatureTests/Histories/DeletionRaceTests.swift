import Jobs
import Postgres
import Shapes
import Testing

@testable import Deletion
@testable import Server

/// Several clients at once in one corpus: what they were told is kept, whatever was deleted, undone and purged meanwhile.
@Suite struct DeletionRaceTests {
    /// What somebody was told exists.
    private actor Ledger {
        private(set) var elements: Set<String> = []
        private(set) var texts: Set<String> = []
        private(set) var deletions: [String] = []
        func element(_ id: String) { elements.insert(id) }
        func text(_ id: String) { texts.insert(id) }
        func deletion(_ id: String) { deletions.append(id) }
        func any(_ random: inout Seeded) -> String? { elements.sorted().randomElement(using: &random) }
        func anyDeletion(_ random: inout Seeded) -> String? { deletions.randomElement(using: &random) }
    }

    enum Trouble: CaseIterable {
        case none
        /// What is deleted is purged at once.
        case purging
        /// All connections to the database are ended again and again, and clients repeat what was refused for it.
        case losingConnections
    }

    @Test(arguments: Trouble.allCases) func nobodyIsToldWhatIsNotSo(trouble: Trouble) async throws {
        try await Tester.with { tester in
            let purging = trouble == .purging
            let tester = trouble == .losingConnections ? try await tester.struck() : tester
            let scenario = try await Scenario(tester, pages: 1)
            let task = try await scenario.claimed()
            let personal = try await tester.userRun("Corrections")
            let ledger = Ledger()
            await ledger.element(scenario.pages[0])
            if purging { _ = try await tester.patch("/api/v1/settings/", ["purge_horizon": 0]).expect() }
            let seed = UInt64.random(in: 0...UInt64.max)
            try await withThrowingTaskGroup(of: Void.self) { clients in
                for number in 0..<4 {
                    clients.addTask {
                        var random = Seeded(seed: seed &+ UInt64(number))
                        for step in 0..<20 {
                            if number == 2, step.isMultiple(of: 2) { try await tester.strikes?.everywhere() }
                            try await Self.publish(
                                scenario, number == 0 ? task : nil, number == 1 ? personal : nil, number * 20 + step, ledger, &random)
                        }
                    }
                }
                clients.addTask {
                    var random = Seeded(seed: seed &+ 100)
                    for _ in 0..<12 { try await Self.takeBack(scenario, personal, ledger, &random) }
                }
                if purging {
                    clients.addTask { for _ in 0..<6 { _ = try await tester.runner(Purge.kind).workOnce() } }
                }
                try await clients.waitForAll()
            }
            if purging {
                while try await tester.runner(Purge.kind).workOnce() {}
                #expect(try await tester.value("SELECT count(*) FROM hidden_source") == "0")
            } else {
                // Hidden or not, nothing that was acknowledged is lost, and nothing is there twice.
                #expect(try await tester.value("SELECT count(*) FROM transcription") == "\(await ledger.texts.count)")
                #expect(try await tester.value("SELECT count(*) FROM element") == "\(await ledger.elements.count + 1)")
            }
            #expect(try await tester.miscounted() == [], "seed \(seed)")
            #expect(try await tester.orphans() == [], "seed \(seed)")
        }
    }

    /// One of the ways to add something, or to work on it. What is gone meanwhile is refused, and nothing else.
    private static func publish(
        _ scenario: Scenario, _ task: Claimed?, _ personal: String?, _ number: Int, _ ledger: Ledger, _ random: inout Seeded
    ) async throws {
        guard let element = await ledger.any(&random) else { return }
        let tester = scenario.tester
        let caller = task?.caller ?? .administrator
        let run: JSONValue = task.map { .string($0.run) } ?? personal.map { .string($0) } ?? .null
        switch Int.random(in: 0..<5, using: &random) {
        case 0, 1:
            let items: JSONValue = [["name": .string("\(number)"), "type": "text_line", "polygon": .rectangle(0, 0, 10, 10 + number)]]
            let answer = try await tester.post(
                "/api/v1/element/\(element)/children/bulk/", ["worker_run_id": run, "elements": items], as: caller)
            try #require([201, 400, 404].contains(answer.status), "\(answer)")
            if answer.status == 201, let id = answer.json[0]?["id"]?.string { await ledger.element(id) }
        case 2, 3:
            let answer = try await tester.post(
                "/api/v1/element/\(element)/transcription/", ["text": "a", "worker_run_id": run], as: caller)
            try #require([201, 400, 404].contains(answer.status), "\(answer)")
            if answer.status == 201, let id = answer.id { await ledger.text(id) }
        default:
            let answer = try await tester.patch("/api/v1/element/\(element)/", ["name": "renamed"])
            try #require([200, 404].contains(answer.status), "\(answer)")
        }
    }

    private static func takeBack(_ scenario: Scenario, _ personal: String, _ ledger: Ledger, _ random: inout Seeded) async throws {
        let tester = scenario.tester
        if Bool.random(using: &random) {
            let keep = Bool.random(using: &random)
            let answer = try await tester.delete(
                "/api/v1/corpus/\(scenario.corpus)/worker-results/?worker_run_id=\(personal)&keep_manual=\(keep)")
            try #require([202, 404, 409].contains(answer.status), "\(answer)")
            if let id = answer.json["deletion"]?.string { await ledger.deletion(id) }
        } else if let deletion = await ledger.anyDeletion(&random) {
            let answer = try await tester.restored(scenario.corpus, deletion)
            try #require([200, 409, 410].contains(answer.status), "\(answer)")
        }
    }
}

extension Tester {
    /// Rows that stand on nothing, and what is seen although what it stands on is not.
    fileprivate func orphans() async throws -> [String] {
        let owned = try await asOwner(
            """
            SELECT 'transcription ' || t.id FROM transcription t WHERE NOT EXISTS (SELECT FROM element e WHERE e.id = t.element_id)
            UNION ALL SELECT 'element ' || e.id FROM element e WHERE e.home_id IS NOT NULL AND NOT EXISTS (SELECT FROM element p WHERE p.id = e.home_id)
            UNION ALL SELECT 'path ' || encode(p.key, 'hex') FROM element_path p WHERE NOT EXISTS (SELECT FROM element e WHERE e.id = p.element_id)
            UNION ALL SELECT 'no path ' || e.id FROM element e WHERE NOT EXISTS (SELECT FROM element_path p WHERE p.element_id = e.id AND p.home)
            """)
        let seen = try await database.connected(to: database.application) { [tenant] lease in
            try await lease.segment([
                .enter(tenant, scheme: "system"),
                Call(
                    """
                    SELECT 'seen below what is not: ' || e.id FROM element e
                    WHERE e.home_id IS NOT NULL AND NOT EXISTS (SELECT FROM element p WHERE p.id = e.home_id)
                    UNION ALL SELECT 'seen nowhere: ' || e.id FROM element e WHERE NOT EXISTS (SELECT FROM element_path p WHERE p.element_id = e.id)
                    """),
            ])[1]
        }
        return [owned, seen].flatMap { rows in (0..<rows.count).compactMap { rows.text($0, 0) } }
    }
}
