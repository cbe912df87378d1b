/// What an operation asks of its caller: a level on a resource. Checked by the database in the same round trip as the statements.
public struct Access: Sendable {
    /// The three levels of a membership, and what stands outside of them. The raw values are the wire's.
    public enum Level: Int, Sendable, CaseIterable {
        /// Also without a secret.
        case anyone = 0
        case signedIn = 1
        /// Signed in, and not a task.
        case person = 2
        /// A running task.
        case task = 3
        case guest = 10
        case contributor = 50
        case admin = 100
        /// The administrators of the whole instance.
        case instanceAdministrator = 101
        /// A program that runs tasks: any token of an instance administrator, or one that is good for nothing else.
        case agent = 102
    }

    /// What a level can be held on. The names are those that the database function `level_on` knows.
    public enum Kind: String, Sendable, CaseIterable {
        case corpus, element, image, transcription, classification, metadata, dataset, export, process, task, worker, model, job
        case user, group, membership, secret
        case workerRun = "worker_run"
        case workerVersion = "worker_version"
        case workerConfiguration = "worker_configuration"
        case modelVersion = "model_version"
    }

    public let level: Level
    public let kind: Kind?
    public let object: String?
    /// Whether the operation changes anything; tokens of scope read are refused then.
    public let writes: Bool
    /// Whether there is nothing of the kind in the Community edition: everybody who may ask gets a 404 there.
    public let isEnterpriseOnly: Bool

    public init(_ level: Level, on kind: Kind? = nil, object: String? = nil, writes: Bool, isEnterpriseOnly: Bool = false) {
        self.level = level
        self.kind = kind
        self.object = object
        self.writes = writes
        self.isEnterpriseOnly = isEnterpriseOnly
    }
}
