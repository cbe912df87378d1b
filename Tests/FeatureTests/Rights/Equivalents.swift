/// Mistakes in a rule that change no answer of the matrix, each with the second check that stands behind it, or with who notices instead.
struct Equivalents {
    let mutations: Set<Mutation>
    let operations: Set<String>
    let reason: String

    private init(_ mutations: Set<Mutation>, _ operations: Set<String>, _ reason: String) {
        (self.mutations, self.operations, self.reason) = (mutations, operations, reason)
    }

    static let rows = [
        Equivalents(
            [.lowered, .forgotten],
            [
                "CreateElementTranscriptions", "CreateElements", "CreateEmbedding", "CreateMetaData", "CreateMetaDataBulk",
                "CreateTranscription", "CreateTranscriptionEntities", "CreateTranscriptionEntity",
            ],
            "publishing asks for the level on the corpus: bulk calls name it in their bodies alone"),
        Equivalents(
            [.lowered, .forgotten],
            [
                "RetrieveGroup", "RetrieveModel", "RetrieveModelVersion", "RetrieveWorker", "RetrieveWorkerConfiguration",
                "RetrieveWorkerVersion", "RetrieveJob", "DestroyJob",
            ],
            "the policies hide the row from whoever may not see it, and who sees a job may do with it all there is"),
        Equivalents([.raised], ["RetrieveJob"], "who sees a job may do with it all there is: there is no level between"),
        Equivalents([.lowered, .forgotten], ["DestroyCorpus"], "the function asks for the level itself"),
        Equivalents([.lowered], ["CreateWorker"], "a task has no user, whose permission to make workers is asked for"),
        Equivalents(
            [.lowered], ["DestroySecret", "PartialUpdateImage"], "one may do nothing with it or everything: there is no level between"),
        Equivalents([.lowered], ["PartialUpdateSettings"], "the function asks for an instance administrator itself"),
        Equivalents([.lowered], ["CreateArtifact", "PartialUpdateTask"], "only the task itself may, whatever others hold: see Exceptions"),
        Equivalents(
            [.lowered, .forgotten, .raised],
            [
                "PartialUpdateModelVersion", "UpdateModelVersion", "CreateMultipartUpload", "CreateMultipartUploadPart",
                "CompleteMultipartUpload",
            ],
            "besides administrators only who made a version fills it, which the functions ask; ModelVersionTests has such makers"),
        Equivalents([.lowered, .raised], ["AbortMultipartUpload"], "as the other operations on an upload"),
        Equivalents([.raised], ["RetrieveUser"], "who has not signed in is told so by the operation itself: see Exceptions"),
        Equivalents([.raised], ["DestroyMembership"], "nobody in the matrix asks for a membership of their own; MembershipTests does"),
        Equivalents([.turned], ["StartWorkerActivity"], "a task's token has no scope"),
    ]

    static func operations(_ mutation: Mutation) -> Set<String> {
        rows.filter { $0.mutations.contains(mutation) }.reduce(into: []) { $0.formUnion($1.operations) }
    }
}
