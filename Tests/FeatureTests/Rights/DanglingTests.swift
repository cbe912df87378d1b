import Postgres
import Shapes
import Tenancy
import Testing

@testable import Server
@testable import Web

/// Elements and results declare no foreign keys: what inserts them has to look up whatever they name. Here every id that an operation takes is
/// replaced by one that nobody has, and by one of another tenant's, with no rule in the way; afterwards nothing may point to nowhere.
@Suite struct DanglingTests {
    /// Which table the ids of a column are of. A column of a table without declared keys that is not in here is an oversight.
    static let targets: [String: String] = [
        "corpus_id": "corpus", "element_id": "element", "parent_id": "element", "home_id": "element", "transcription_id": "transcription",
        "image_id": "image", "ml_class_id": "ml_class", "creator_id": "user_account", "user_id": "user_account", "type_id": "entity_type",
        "source_id": "source", "detached_source_id": "source", "transcription_source_id": "source", "lineage_id": "lineage",
        "dataset_id": "dataset", "set_id": "dataset_set", "process_id": "process", "worker_run_id": "worker_run", "task_id": "task",
    ]
    /// Columns of tables that are no results: what an audit says stays when its subject is gone, and cursors and access rows are derived.
    private static let others: Set<String> = [
        "audit_event", "corpus_access", "worker_access", "model_access", "purge_cursor", "hidden_lineage", "hidden_source", "result_count",
    ]

    @Test func everyReferenceOfAHotTableIsGuardedInItsInsert() async throws {
        try await Tester.with(.enterprise) { tester in
            try await tester.asOwner("UPDATE tenant SET host = 'localhost'")
            let other = try await tester.secondTenant()
            let foreign = try await Seed(tester.acting(as: try await tester.token(in: other)), "zqforeign", in: other)
            let own = try await Seed(tester, "zqown")
            let served = try tester.serving(tester.carriedOut(DatabaseAloneTests.unguarded))
            var replaced = 0
            for operation in Compose.operations where operation.decision.writes && !["Logout", "Login"].contains(operation.id) {
                for (wrong, input) in [ID<Corpus>().text, nil].flatMap({ wrong in
                    [own.input(of: operation), own.wholeInput(of: operation)].map { (wrong, $0) }
                }) {
                    for variant in input.variants(replacing: { own.theirs($0, in: foreign, or: wrong) }) {
                        for caller in [Tester.Caller.administrator, try #require(own.task).caller] {
                            let answer = try await served.call(operation, variant, as: caller)
                            #expect(answer.status < 500, "\(operation.id) \(variant): \(answer)")
                            replaced += 1
                        }
                    }
                }
            }
            #expect(replaced > 400)
            let columns = try await tester.asOwner(Self.unkeyed)
            var checked = 0
            for row in 0..<columns.count {
                let (table, column) = (try #require(columns.text(row, 0)), try #require(columns.text(row, 1)))
                guard !Self.others.contains(table) else { continue }
                let target = try #require(Self.targets[column], "\(table).\(column): DanglingTests does not know what it names")
                #expect(try await tester.dangling(table, column, in: target) == "0", "\(table).\(column) points to nowhere")
                checked += 1
            }
            #expect(checked > 30)
            // It would be noticed.
            try await tester.asOwner("UPDATE metadata SET element_id = uuid7()")
            #expect(try await tester.dangling("metadata", "element_id", in: "element") != "0")
        }
    }

    /// The columns that look like references and are in no declared key.
    private static let unkeyed = """
        SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attname LIKE '%\\_id' AND a.attname <> 'tenant_id'
          AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'f' AND a.attnum = ANY (k.conkey))
        ORDER BY 1, 2
        """
}

extension Tester {
    /// How many rows name something that is not there. 0 is nobody's source: by hand.
    fileprivate func dangling(_ table: String, _ column: String, in target: String) async throws -> String? {
        try await value(
            """
            SELECT count(*) FROM \(table) t WHERE t.\(column) IS NOT NULL AND t.\(column)::text <> '0'
              AND NOT EXISTS (SELECT FROM \(target) o WHERE o.tenant_id = t.tenant_id AND o.id = t.\(column))
            """)
    }
}

extension Seed {
    /// What stands for an id of this seed in another one, or this id instead; nil for what is no id.
    fileprivate func theirs(_ text: String, in other: Seed, or wrong: String?) -> String? {
        guard ID<Corpus>(text) != nil else { return nil }
        if let wrong { return wrong }
        let kind = identifiers.first { $0.value == text }?.key
        let word = words.first { $0.value == text }?.key
        return kind.flatMap { other.identifiers[$0] } ?? word.flatMap { other.words[$0] }
    }
}

extension JSONValue {
    /// This value with one text in it replaced, once for each that has a replacement.
    fileprivate func variants(replacing replacement: (String) -> String?) -> [JSONValue] {
        switch self {
        case .string(let text): replacement(text).map { [.string($0)] } ?? []
        case .array(let items):
            items.indices.flatMap { index in
                items[index].variants(replacing: replacement).map { variant in
                    var changed = items
                    changed[index] = variant
                    return .array(changed)
                }
            }
        case .object(let members):
            members.sorted { $0.key < $1.key }.flatMap { name, member in
                member.variants(replacing: replacement).map { variant in
                    var changed = members
                    changed[name] = variant
                    return .object(changed)
                }
            }
        default: []
        }
    }
}
