import Foundation
import Shapes
import Testing

@testable import Server

/// Random histories of publishing, work by hand, deletions, undo, purges that die half-way and connections that go, against a reference
/// that knows the rules and nothing of how they are kept. `make test-model` takes more of them than a test run has time for.
@Suite struct HistoryTests {
    /// How many histories; each group has a database of its own.
    private static let histories = ProcessInfo.processInfo.environment["PALIMPSEST_HISTORIES"].flatMap { Int($0) } ?? 150
    private static let groups = 10
    private static let length = 32

    @Test(arguments: 0..<groups) func everyHistoryEndsAsTheRulesSay(group: Int) async throws {
        let first = ProcessInfo.processInfo.environment["PALIMPSEST_SEED"].flatMap { UInt64($0) }
        let size = first == nil ? max(Self.histories / Self.groups, 1) : group < 2 ? 1 : 0
        guard size > 0 else { return }
        try await Tester.with { tester in
            let scenario = try await Scenario(tester.struck(), pages: 0)
            // In half of them all that is limited to elements is prepared by a job first.
            if group.isMultiple(of: 2) { try await tester.setMostErased(0) }
            for _ in 0..<size {
                let seed = first ?? UInt64.random(in: 0...UInt64.max)
                var random = Seeded(seed: seed)
                let steps = (0..<Self.length).map { _ in Step.random(&random) }
                guard let fault = try await Self.fault(of: steps, scenario) else { continue }
                let (shortest, last) = try await Self.shortened(steps, fault, scenario)
                Issue.record(
                    "PALIMPSEST_SEED=\(seed): \(shortest.count) steps are enough:\n\(shortest.map { "\($0)" }.joined(separator: "\n"))\n\(last)"
                )
                return
            }
        }
    }

    /// What goes wrong, in a corpus of its own; nil when nothing does.
    private static func fault(of steps: [Step], _ scenario: Scenario) async throws -> String? {
        do {
            var world = try await World(scenario.another())
            for step in steps {
                if try await world.take(step) { try await world.compare() }
            }
            try await world.compare()
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Leaves out whatever is not needed for it to go wrong in the end: halves first, single steps last.
    private static func shortened(_ steps: [Step], _ fault: String, _ scenario: Scenario) async throws -> ([Step], String) {
        var (steps, fault) = (steps, fault)
        var size = steps.count / 2
        while size > 0 {
            var start = 0
            while start < steps.count {
                var fewer = steps
                fewer.removeSubrange(start..<min(start + size, steps.count))
                if let still = try await Self.fault(of: fewer, scenario) { (steps, fault) = (fewer, still) } else { start += size }
            }
            size /= 2
        }
        return (steps, fault)
    }
}

extension Scenario {
    /// A further corpus with a folder and one page, for the same worker.
    fileprivate func another() async throws -> Scenario {
        let corpus = try await tester.post("/api/v1/corpus/", ["name": "Another"]).created()
        let folder = try await tester.element(corpus, "folder", "Volume")
        let page = try await tester.element(corpus, "page", "Page", ["parent": .string(folder), "image": .string(image)])
        return Scenario(like: self, corpus: corpus, folder: folder, page: page)
    }

    private init(like other: Scenario, corpus: String, folder: String, page: String) {
        tester = other.tester
        self.corpus = corpus
        image = other.image
        self.folder = folder
        pages = [page]
        worker = other.worker
        version = other.version
    }
}
