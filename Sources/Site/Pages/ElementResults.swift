import Shapes
import Web

/// What is said of an element, by who said it: people first, then each worker run.
struct ElementResults {
    let groups: JSONValue
    /// Whether more is read below the element than was asked for.
    let hasMore: Bool
    /// Whether one of the forms of the results was refused, and is shown again with what was sent.
    let hasRefused: Bool
    private static let mostReadings = 500
    private static let mostTranscriptionsWithEntities = 20

    init(of element: JSONValue, _ drafts: Drafts, _ visit: Visit) async throws {
        let id = element["id"] ?? .null
        var transcriptions = try await visit.ask("ListTranscriptions", ["id": id, "page_size": 100])["results"]?.items ?? []
        for index in transcriptions.indices.prefix(Self.mostTranscriptionsWithEntities) {
            transcriptions[index] = try await Self.marked(transcriptions[index], visit)
        }
        // Of a page, what its lines say; a folder may hold millions.
        let below =
            element["zone"] == .null
            ? [:] : try await visit.ask("ListTranscriptions", ["id": id, "recursive": true, "page_size": .integer(Self.mostReadings)])
        hasMore = (below["count"]?.int ?? 0) > Self.mostReadings
        let texts = transcriptions.map {
            $0.adding([
                "percent": $0["confidence"]?.percent ?? .null,
                "draft": drafts.of($0, changedBy: .changeTranscription, "transcription", "text"),
            ])
        }
        let metadata = (element["metadata"]?.items ?? []).map {
            $0.adding([
                "link": .boolean($0["type"]?.string == "url"),
                "draft": drafts.of($0, changedBy: .changeMetadata, "metadata", "name", "value"),
            ])
        }
        hasRefused = (texts + metadata).contains { $0["draft"]?["refused"]?.isTrue == true }
        groups = Self.grouped([
            "readings": (below["results"]?.items ?? []).filter { $0["element"]?["id"] != id }
                .map { $0.adding(["percent": $0["confidence"]?.percent ?? .null]) },
            "transcriptions": texts,
            "classifications": (element["classifications"]?.items ?? []).map { Self.judged($0, visit.shell) },
            "metadata": metadata,
        ])
    }

    /// A transcription with its text in pieces, those that are entities marked.
    private static func marked(_ transcription: JSONValue, _ visit: Visit) async throws -> JSONValue {
        let entities = try await visit.ask("ListTranscriptionEntities", ["id": transcription["id"] ?? .null, "page_size": 500])
        return transcription.adding(["pieces": MarkedText(transcription["text"]?.string ?? "", entities["results"]?.items ?? []).json])
    }

    private static func judged(_ classification: JSONValue, _ shell: Shell) -> JSONValue {
        let state = classification["state"]?.string ?? ""
        return classification.adding([
            "percent": classification["confidence"]?.percent ?? .null,
            "judged": state == "pending" ? .null : .string(shell.word("class_\(state)")),
        ])
    }

    private static func grouped(_ kinds: [String: [JSONValue]]) -> JSONValue {
        let all = kinds.sorted { $0.key > $1.key }.flatMap { kind, results in results.map { (kind: kind, result: $0) } }
        // The order in which runs first appear; what is by hand comes before them.
        var runs: [String] = [""]
        for item in all where !runs.contains(item.result.maker) { runs.append(item.result.maker) }
        let groups = runs.map { run in all.filter { $0.result.maker == run } }.filter { !$0.isEmpty }
        return .array(
            groups.map { group in
                var members: [String: JSONValue] = ["run": group[0].result["worker_run"] ?? .null]
                for kind in kinds.keys { members["any_\(kind)"] = .boolean(group.contains { $0.kind == kind }) }
                for kind in kinds.keys { members[kind] = .array(group.filter { $0.kind == kind }.map(\.result)) }
                return .object(members)
            })
    }
}

extension JSONValue {
    /// The id of the run that made a result; empty for by hand.
    fileprivate var maker: String { self["worker_run"]?["id"]?.string ?? "" }
}

/// A text cut where entities begin and end. Where they overlap, the one that begins first is shown.
struct MarkedText {
    let json: JSONValue

    init(_ text: String, _ entities: [JSONValue]) {
        // The API counts characters as PostgreSQL does: in Unicode scalars.
        let scalars = Array(text.unicodeScalars)
        var pieces: [JSONValue] = []
        var place = 0
        func piece(_ range: Range<Int>) -> JSONValue {
            .string(String(String.UnicodeScalarView(scalars[range])))
        }
        for entity in entities.sorted(by: { ($0["offset"]?.int ?? 0) < ($1["offset"]?.int ?? 0) }) {
            let start = entity["offset"]?.int ?? 0
            let end = min(start + (entity["length"]?.int ?? 0), scalars.count)
            guard start >= place, end > start else { continue }
            pieces.append(["text": piece(place..<start), "entity": .null])
            pieces.append(["text": piece(start..<end), "entity": entity["type"] ?? .null])
            place = end
        }
        pieces.append(["text": piece(place..<scalars.count), "entity": .null])
        json = .array(pieces.filter { $0["text"] != .string("") })
    }
}
