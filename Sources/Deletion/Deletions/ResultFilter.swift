import Shapes
import Tenancy
import Web

/// The UUID of a model version or configuration, or False for none at all.
struct IDOrNone: Leaf {
    let value: String
    static let shape = Shape.string(.init(pattern: "[Ff]alse|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"))
    static let sample = IDOrNone(value: "false")
    init(value: String) { self.value = value.lowercased() }
}

/// Which runs' results: those of one run, or of all runs of a version, perhaps with this model version or configuration alone; and where.
/// Written into the database as it is, so it has exactly the names that `runs_of_filter` and `tops_of_filter` know.
struct ResultFilter: Codable, Sendable {
    var worker_run_id: ID<WorkerRun>?
    var worker_version_id: ID<WorkerVersion>?
    var model_version_id: IDOrNone?
    var configuration_id: IDOrNone?
    /// Only there and below.
    var element_id: ID<Element>?
    /// Only on the elements that the caller has selected in the corpus, and below.
    var selection: Bool?

    /// - Throws: 400 for a filter that is none, or that contradicts itself: nothing ever means everything.
    func checked() throws -> ResultFilter {
        guard (worker_run_id == nil) != (worker_version_id == nil) else {
            throw Problem.invalid(
                ["worker_run_id", "worker_version_id"].map { name in
                    Fault(
                        path: [.key(name)], code: "required",
                        detail: "Give exactly one of worker_run_id and worker_version_id; nothing was deleted.")
                })
        }
        if worker_run_id != nil,
            let name = model_version_id != nil ? "model_version_id" : configuration_id != nil ? "configuration_id" : nil
        {
            throw Problem.invalid(name, "This goes with worker_version_id: a worker run has its own. Nothing was deleted.")
        }
        if element_id != nil, selection == true {
            throw Problem.invalid("selection", "Give element_id or selection, not both; nothing was deleted.")
        }
        return self
    }
}

struct PreviewWorkerResultsDeletion: Codable, Sendable, TakesNothingElse {
    struct Content: Codable, Sendable {
        var worker_run_id: ID<WorkerRun>?
        var worker_version_id: ID<WorkerVersion>?
        var model_version_id: IDOrNone?
        var configuration_id: IDOrNone?
        var element_id: ID<Element>?
        var selection: Bool?
        var keep_manual: Bool?
    }
    var id: ID<Corpus>
    var body: Content

    func chosen() throws -> ChosenResults {
        let filter = ResultFilter(
            worker_run_id: body.worker_run_id, worker_version_id: body.worker_version_id, model_version_id: body.model_version_id,
            configuration_id: body.configuration_id, element_id: body.element_id, selection: body.selection)
        return ChosenResults(id: id, filter: try filter.checked(), keep_manual: body.keep_manual ?? true)
    }
}

struct DestroyWorkerResults: Codable, Sendable, TakesNothingElse {
    var id: ID<Corpus>
    var worker_run_id: ID<WorkerRun>?
    var worker_version_id: ID<WorkerVersion>?
    var model_version_id: IDOrNone?
    var configuration_id: IDOrNone?
    var element_id: ID<Element>?
    var selection: Bool?
    var keep_manual: Bool?
    /// Of a preview: then what was shown is deleted, or nothing.
    var token: ID<DeletionPreview>?

    func chosen() throws -> ChosenResults {
        let filter = ResultFilter(
            worker_run_id: worker_run_id, worker_version_id: worker_version_id, model_version_id: model_version_id,
            configuration_id: configuration_id, element_id: element_id, selection: selection)
        return ChosenResults(id: id, filter: try filter.checked(), keep_manual: keep_manual ?? true, token: token)
    }
}

/// What a preview or a deletion is about, once it is known to make sense.
struct ChosenResults: Codable, Sendable {
    var id: ID<Corpus>
    var filter: ResultFilter
    var keep_manual: Bool
    var token: ID<DeletionPreview>?
}
