import Jobs
import Postgres
import Shapes
import Testing

@testable import Deletion
@testable import Server

/// A corpus on the real server beside the reference, both taken through the same steps and compared after each.
struct World {
    /// They do not agree.
    struct Disagreement: Error, CustomStringConvertible {
        let description: String
    }

    let tester: Tester
    let scenario: Scenario
    var reference = Reference()
    /// The last is a person's own.
    var runs: [String] = []
    private var processes: [String] = []
    /// Of the task that each run has at work, if any.
    var tasks: [Int: Claimed] = [:]
    private let entityType: String
    private let classes: [String]
    /// Tokens of previews, with the numbers of the counters that they were shown by.
    var tokens: [String: String] = [:]
    private var count = 0

    init(_ scenario: Scenario, runs size: Int = 2) async throws {
        self.scenario = scenario
        tester = scenario.tester
        entityType = try await tester.post("/api/v1/entity/types/", ["name": "person", "corpus": .string(scenario.corpus)]).created()
        var classes: [String] = []
        for name in ["a", "b", "c"] {
            classes.append(try await tester.post("/api/v1/corpus/\(scenario.corpus)/classes/", ["name": .string(name)]).created())
        }
        self.classes = classes
        reference.add(scenario.folder, .element, by: nil, on: nil)
        reference.add(scenario.pages[0], .element, by: nil, on: scenario.folder)
        for _ in 0..<size {
            let (process, run) = try await scenario.process()
            processes.append(process)
            runs.append(run)
            // At once, since what it works on may be moved away; tasks are claimed when they are needed.
            _ = try await tester.post("/api/v1/process/\(process)/start/", [:]).created()
        }
        reference.personal = [size]
        runs.append(try await tester.userRun("Corrections"))
    }

    /// - Returns: whether it is time to compare.
    mutating func take(_ step: Step) async throws -> Bool {
        do { return try await carryOut(step) } catch is NothingToDo { return false }
    }

    private mutating func carryOut(_ step: Step) async throws -> Bool {
        switch step {
        case .element(let by, let under): try await makeElement(author(by), under)
        case .transcription(let by, let on): try await make(.transcription, author(by), on)
        case .classification(let by, let on): try await make(.classification, author(by), on)
        case .metadata(let by, let on): try await make(.metadata, author(by), on)
        case .entity(let by, let on): try await markEntity(author(by), on)
        case .rename(let which): try await rename(which)
        case .correct(let which): try await correct(which)
        case .judge(let which, let valid): try await judge(which, valid)
        case .remove(let which): try await remove(which)
        case .link(let child, let parent): try await link(child, parent)
        case .unlink(let which): try await unlink(which)
        case .move(let child, let parent, let by): try await move(child, parent, author(by))
        case .preview(let run, let keep): try await preview(run % runs.count, keep)
        case .delete(let run, let keep, let withToken): try await delete(run % runs.count, keep, withToken)
        case .deleteWithin(let run, let keep, let which, let selected): try await deleteWithin(run % runs.count, keep, which, selected)
        case .erase(let which): try await erase(which)
        case .undo(let which): try await undo(which)
        case .purge(let which, let batches, let most): try await purge(which, batches, most)
        case .strike(let moment): tester.strikes?.meet(moment)
        }
        return step.changesWhatIsSeen
    }

    /// Two of three are by runs.
    private func author(_ by: Int) -> Int? {
        by.isMultiple(of: 3) ? nil : (by / 3) % runs.count
    }

    func pick(_ which: Int, _ kinds: Reference.Kind...) -> String? {
        let seen = kinds.flatMap { reference.seen($0) }.sorted()
        return seen.isEmpty ? nil : seen[which % seen.count]
    }
}

// MARK: Publishing and working by hand

extension World {
    /// Who asks for something, and with which run it is signed.
    private struct Author {
        var run: JSONValue?
        var caller = Tester.Caller.administrator

        func signing(_ body: JSONValue) -> JSONValue { body.adding(run.map { ["worker_run_id": $0] }) }
    }

    /// A person, perhaps with their own run, or the task of a run.
    private mutating func author(_ run: Int?) async throws -> Author {
        guard let run else { return Author() }
        guard !reference.personal.contains(run) else { return Author(run: .string(runs[run])) }
        return Author(run: .string(runs[run]), caller: try await claimed(run).caller)
    }

    /// The run's task at work, or a new one in a further round.
    private mutating func claimed(_ run: Int) async throws -> Claimed {
        if let task = tasks[run] { return task }
        let process = processes[run]
        // Unless its first task still waits.
        let retried = try await tester.post("/api/v1/process/\(process)/retry/")
        if retried.codes == ["nothing_to_do"] {
            // A deletion has hidden all that the process works on, which a person may have put below a machine's element.
            let activities = try await tester.get("/api/v1/process/\(process)/activities/").expect()
            try #require(activities["results"]?.list.isEmpty == true, "\(activities)")
            throw NothingToDo()
        }
        let claim = try await tester.post("/api/v1/agent/claim/", ["process": .string(process)]).expect()
        let task = Claimed(
            process: process, run: runs[run], task: try #require(claim["id"]?.string), token: try #require(claim["token"]?.string))
        tasks[run] = task
        return task
    }

    private mutating func makeElement(_ run: Int?, _ under: Int) async throws {
        // What has no image of its own gives its children none.
        guard let parent = pick(under, .element), parent != scenario.folder else { return }
        let author = try await author(run)
        count += 1
        let line: JSONValue = ["name": .string("\(count)"), "type": "text_line", "polygon": .rectangle(0, 0, 500, count)]
        let made = try await tester.post(
            "/api/v1/element/\(parent)/children/bulk/", ["worker_run_id": author.run ?? .null, "elements": [line]], as: author.caller)
        reference.add(try #require(made.expect(201)[0]?["id"]?.string), .element, by: run, on: parent)
    }

    private mutating func make(_ kind: Reference.Kind, _ run: Int?, _ on: Int) async throws {
        guard let element = pick(on, .element) else { return }
        let author = try await author(run)
        let answer: Answer
        switch kind {
        case .classification:
            let body: JSONValue = ["element": .string(element), "ml_class": .string(classes[on / 7 % classes.count]), "confidence": 1]
            answer = try await tester.post("/api/v1/classifications/", author.signing(body), as: author.caller)
            // The same run, or a person, has said so already.
            if answer.status == 400 { return }
        case .metadata:
            let body: JSONValue = ["type": "text", "name": "a", "value": "b"]
            answer = try await tester.post("/api/v1/element/\(element)/metadata/", author.signing(body), as: author.caller)
        default:
            let body: JSONValue = ["text": "Some text", "confidence": 1]
            answer = try await tester.post("/api/v1/element/\(element)/transcription/", author.signing(body), as: author.caller)
        }
        reference.add(try answer.created(), kind, by: run, on: element)
    }

    private mutating func markEntity(_ run: Int?, _ on: Int) async throws {
        guard let text = pick(on, .transcription) else { return }
        let author = try await author(run)
        count += 1
        let body: JSONValue = ["type_id": .string(entityType), "offset": .integer(count % 8), "length": 1]
        let answer = try await tester.post("/api/v1/transcription/\(text)/entities/", author.signing(body), as: author.caller)
        if answer.status == 400 { return }
        reference.add(try answer.created(), .entity, by: run, on: reference.objects[text]?.element, in: text)
    }

    private mutating func rename(_ which: Int) async throws {
        guard let element = pick(which, .element) else { return }
        _ = try await tester.patch("/api/v1/element/\(element)/", ["name": .string("Renamed \(which)")]).expect()
        reference.touch(element)
    }

    private mutating func correct(_ which: Int) async throws {
        guard let id = pick(which, .transcription, .metadata, .entity) else { return }
        switch reference.objects[id]?.kind {
        case .metadata: _ = try await tester.patch("/api/v1/metadata/\(id)/", ["value": .string("\(which)")]).expect()
        case .entity:
            let text = try #require(reference.objects[id]?.transcription)
            _ = try await tester.patch("/api/v1/transcription/\(text)/entities/\(id)/", ["confidence": .number(0.5)]).expect()
        default: _ = try await tester.patch("/api/v1/transcription/\(id)/", ["text": .string("Corrected \(which)")]).expect()
        }
        reference.touch(id)
    }

    private mutating func judge(_ which: Int, _ valid: Bool) async throws {
        guard let id = pick(which, .classification) else { return }
        let answer = try await tester.put("/api/v1/classifications/\(id)/\(valid ? "validate" : "reject")/", [:])
        let object = try #require(reference.objects[id])
        if !valid, object.author == nil, object.detachedFrom == nil {
            try #require(answer.status == 204, "\(answer)")
            reference.remove(id)
        } else {
            _ = try answer.expect()
            reference.touch(id)
        }
    }

    private mutating func remove(_ which: Int) async throws {
        guard let id = pick(which, .transcription, .classification, .metadata, .entity), let object = reference.objects[id] else { return }
        let path =
            switch object.kind {
            case .transcription: "/api/v1/transcription/\(id)/"
            case .classification: "/api/v1/classifications/\(id)/"
            case .metadata: "/api/v1/metadata/\(id)/"
            default: "/api/v1/transcription/\(object.transcription ?? "")/entities/\(id)/"
            }
        let answer = try await tester.delete(path)
        try #require(answer.status == 204, "\(answer)")
        reference.remove(id)
    }

    private mutating func link(_ child: Int, _ parent: Int) async throws {
        guard let child = pick(child, .element), let parent = pick(parent, .element) else { return }
        let answer = try await tester.link(child, parent)
        // Below it already, a circle, or hidden places that may come back.
        if answer.status == 400 || answer.codes == ["hidden_below"] { return }
        _ = try answer.expect(201)
        reference.link(child, below: parent)
    }
}

extension World {
    private mutating func unlink(_ which: Int) async throws {
        let places = reference.places
        guard !places.isEmpty else { return }
        let (child, parent) = places[which % places.count]
        let answer = try await tester.delete("/api/v1/element/\(child)/parent/\(parent)/")
        if answer.codes == ["hidden_below"] { return }
        try #require(answer.status == 204, "\(answer)")
        // Which of several places is the next home is not for the rules to say.
        let home = try await tester.value("SELECT home_id FROM element WHERE id = $1", [.text(child)])
        reference.unlink(child, from: parent, home: home)
    }

    private mutating func move(_ child: Int, _ parent: Int, _ run: Int?) async throws {
        guard let child = pick(child, .element), let parent = pick(parent, .element) else { return }
        let caller = try await author(run).caller
        let answer = try await tester.post("/api/v1/element/\(child)/move/", ["to": .string(parent)], as: caller)
        if answer.status == 400 || answer.codes == ["hidden_below"] { return }
        _ = try answer.expect()
        reference.move(child, below: parent, by: run)
    }
}

// MARK: Comparing

extension World {
    /// - Throws: ``Disagreement`` with what only one of them has.
    func compare() async throws {
        let seen = try await picture()
        guard seen == reference.picture else {
            let (ours, theirs) = (Set(seen), Set(reference.picture))
            throw Disagreement(
                description: "only seen: \(ours.subtracting(theirs).sorted()), only expected: \(theirs.subtracting(ours).sorted())")
        }
        let count = try await tester.get("/api/v1/corpus/\(scenario.corpus)/elements/").expect()["count"]
        guard count == .integer(reference.seen(.element).count) else {
            throw Disagreement(
                description: "\(String(describing: count)) elements are counted, \(reference.seen(.element).count) are there")
        }
        let miscounted = try await tester.miscounted(in: scenario.corpus)
        guard miscounted == [] else { throw Disagreement(description: "counters: \(miscounted)") }
    }

    /// What the server's role sees, in the words of ``Reference/picture``.
    private func picture() async throws -> [String] {
        let results = Reference.Kind.allCases.map { kind in
            let table = kind == .entity ? "transcription_entity" : kind.rawValue
            return "SELECT '\(kind.rawValue)' AS kind, id, source_id, detached_from, kept FROM \(table) WHERE corpus_id = $1"
        }
        let rows = try await tester.database.connected(to: tester.database.application) { [tester, scenario] lease in
            try await lease.segment([
                .enter(tester.tenant, scheme: "system"),
                Call(
                    """
                    SELECT o.kind || ' ' || o.id || ' ' || coalesce(run_of_source(o.source_id)->>'id', '-') || ' '
                      || coalesce(CASE WHEN run_of_source(o.source_id) IS NULL THEN detached_from(o.source_id, o.detached_from)->>'id' END, '-')
                    FROM (\(results.joined(separator: " UNION ALL "))) AS o
                    UNION
                    SELECT p.element_id || ' below ' || p.parent_id FROM element_path p
                      JOIN element e ON e.tenant_id = own_tenant() AND e.id = p.element_id
                    WHERE p.corpus_id = $1 AND p.parent_id IS NOT NULL
                    """, [.text(scenario.corpus)]),
            ])[1]
        }
        let names = Dictionary(uniqueKeysWithValues: runs.enumerated().map { ($1, String($0)) })
        return Set(
            (0..<rows.count).compactMap { row in
                rows.text(row, 0).map { line in
                    line.split(separator: " ").enumerated().map { $0 > 1 ? names[String($1)] ?? String($1) : String($1) }.joined(
                        separator: " ")
                }
            }
        ).sorted()
    }
}

/// The run of a step has no element left to work on, so it makes nothing.
private struct NothingToDo: Error {}
