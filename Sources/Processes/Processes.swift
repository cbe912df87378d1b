public import Storage
public import Tenancy
public import Web

/// What is being run: processes, worker runs, tasks and activities.
public enum Processes {
    public static let operations: [Operation] =
        ProcessRow.operations + Template.operations + WorkerRunRow.operations + UserWorkerRun.operations + Activities.operations
        + TaskRow.operations + ArtifactRow.operations + AgentReports.operations

    public static let transfers: [Transfer] = ArtifactRow.transfers

    /// Every statement of this feature, for the test that prepares them.
    /// - Throws: when the types of one cannot be recorded.
    public static func declarations() throws -> [Declaration] {
        try [
            .init(ProcessRow.retrieve), .init(ProcessRow.list), .init(ProcessRow.count), .init(ProcessRow.create), .init(ProcessRow.start),
            .init(ProcessRow.stop), .init(ProcessRow.retry), .init(ProcessRow.destroy), .init(ProcessRow.update), .init(Template.create),
            .init(Template.apply), .init(UserWorkerRun.create), .init(UserWorkerRun.list), .init(UserWorkerRun.count),
            .init(Activities.corpusStatistics), .init(TaskRow.restart), .init(Activities.start), .init(Activities.update),
            .init(Activities.statistics), .init(Activities.list), .init(Activities.count), .init(Activities.elements),
            .init(Activities.elementCount), .init(TaskRow.retrieve), .init(ArtifactRow.list), .init(ArtifactRow.create),
            .init(ArtifactRow.retrieve),
            .init(ArtifactRow.locate), .init(ArtifactRow.expected), .init(ArtifactRow.keep), .init(ArtifactRow.find), .init(TaskRow.claim),
            .init(TaskRow.update), .init(Attempt.renewal),
            .init(Attempt.logging), .init(Attempt.ending), .init(Attempt.reaping), .init(Attempt.releasing),
            .init(AgentReports.renewal), .init(AgentReports.logging), .init(AgentReports.ending), .init(AgentReports.releasing),
        ] + WorkerRunRow.declarations()
    }
}
