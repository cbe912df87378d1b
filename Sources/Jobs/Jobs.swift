public import Tenancy
public import Web

/// Background work: the engine that carries it out, and what people see of it. What a kind of job does is for the feature that declares it.
public enum Jobs {
    /// - Parameter bell: rung when jobs change, for those who follow them; they look without it too.
    public static func operations(_ bell: Bell) -> [Operation] { JobRow.operations + [StreamJobs.operation(bell)] }

    /// Every statement of the engine, for the test that prepares them.
    /// - Throws: when the types of one cannot be recorded.
    public static func declarations() throws -> [Declaration] {
        try [
            .init(JobRow.retrieve), .init(JobRow.list), .init(JobRow.count), .init(JobRow.destroy), .init(StreamJobs.mark),
            .init(StreamJobs.changed), .init(ClaimedJob.claim),
            .init(RunningJob.holding), .init(RunningJob.advancing), .init(RunningJob.ending), .init(RunningJob.failing),
            .init(Backlog.statement),
        ]
    }
}
