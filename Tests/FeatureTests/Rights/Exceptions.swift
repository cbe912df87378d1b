import Postgres
import Tenancy

@testable import Server
@testable import Web

/// The cells that do not follow from the declared decision, each with its reason.
enum Exceptions {
    typealias Row = @Sendable (Cell) -> Outcome?

    static let rows: [String: Row] = [
        // Only the task itself says how it ended.
        "PartialUpdateTask": { $0.role == .task && $0.place == .own ? nil : forbiddenWhereSeen($0, .corpus) },
        // Only the task itself leaves anything there.
        "CreateArtifact": { $0.role == .task && $0.place == .own ? nil : forbiddenWhereSeen($0, .corpus) },
        // A deleted project is there for nobody but whoever may bring it back.
        "RestoreCorpus": { cell in
            [.guest, .contributor].contains(cell.role) && cell.place == .own && cell.edition == .enterprise ? .hidden : nil
        },
        // By its name: for the task whose configuration has it, and for instance administrators, who are noted.
        "RetrieveSecret": { cell in
            guard cell.edition == .enterprise else { return nil }
            return [.stranger, .guest, .contributor, .admin].contains(cell.role) ? .forbidden : cell.role == .foreigner ? .hidden : nil
        },
        // Contributors of a model change the versions that they made, as long as these are not published.
        "PartialUpdateModelVersion": anothersVersion, "UpdateModelVersion": anothersVersion,
        "CreateMultipartUpload": anothersDraft, "CreateMultipartUploadPart": anothersDraft, "CompleteMultipartUpload": anothersDraft,
        "AbortMultipartUpload": anothersDraft,
        // Nobody in the matrix has the token or the session that is asked for.
        "DestroyToken": nobodys, "DestroySession": nobodys,
        // Rule 2.6: who reads what is public without access to the worker sees the run, and none of its values.
        "RetrieveWorkerRunConfiguration": { $0.role == .stranger && $0.place == .open ? .forbidden : nil },
        // Whoever has not signed in is told so together with what clients ask first.
        "RetrieveUser": { [.anonymous, .task].contains($0.role) ? .unauthenticated : nil },
    ]

    private static let anothersVersion: Row = { cell in
        cell.role == .contributor && cell.place == .own && cell.edition == .enterprise ? .forbidden : nil
    }

    /// Before it is published, guests do not see a version.
    private static let anothersDraft: Row = { cell in
        guard cell.place == .own else { return nil }
        return cell.role == .task || (cell.role == .guest && cell.edition == .enterprise) ? .hidden : anothersVersion(cell)
    }

    private static let nobodys: Row = { cell in
        Cell(role: cell.role, place: cell.place, edition: cell.edition).expected(person) == .allowed ? .hidden : nil
    }
    private static let person = Rule<NoInput>.person.own.decision(writes: true)

    static func outcome(of operation: Operation, _ cell: Cell) -> Outcome? {
        rows[operation.id]?(cell)
    }

    private static func forbiddenWhereSeen(_ cell: Cell, _ kind: Access.Kind) -> Outcome? {
        cell.held(on: kind) == nil ? nil : .forbidden
    }
}
