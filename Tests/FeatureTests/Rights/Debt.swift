/// Operations that are not in the matrix yet. This list may only become shorter: a new operation says who may call it, and the matrix
/// asks it.
enum Debt {
    static let operations: Set<String> = [
        "AbortMultipartUpload", "AddSelection", "AppendTaskLog", "ApplyProcessTemplate", "CompleteMultipartUpload",
        "CorpusActivityStats", "CreateArtifact", "CreateEmbedding", "CreateMultipartUpload", "CreateMultipartUploadPart",
        "CreateProcessTemplate", "CreateUserWorkerRun", "DestroyClassification", "DestroyMetaData", "DestroyTranscription",
        "DestroyTranscriptionEntity", "DestroyWorkerConfiguration", "DestroyWorkerResults", "DestroyWorkerVersion",
        "DownloadArtifact", "DownloadExport", "DownloadModelArchive", "EndTask", "GiveArtifact", "ListArtifacts", "ListDeletions",
        "ListEmbeddings", "ListExports", "ListSelection", "ListUserWorkerRuns", "MoveElement", "PartialUpdateMetaData",
        "PartialUpdateProcess", "PartialUpdateSettings", "PartialUpdateTranscription", "PartialUpdateTranscriptionEntity",
        "PartialUpdateWorkerConfiguration", "PreviewWorkerResultsDeletion", "RejectClassification", "ReleaseTask",
        "RemoveSelection", "RenewTask", "RestartTask", "RestoreWorkerResults", "RetrieveSettings", "RetrieveTranscription",
        "StartExport", "UpdateWorkerRun", "UploadArtifact", "UploadModelArchive", "UploadPart", "ValidateClassification",
        "CreateIIIFURL", "CreateImage", "DestroyCorpus", "DestroyElement", "DestroyElements", "ListElementWorkerRuns",
        "PartialUpdateCorpus", "PartialUpdateImage", "RestoreCorpus", "RetrieveImage", "UpdateCorpus", "UploadImage",
    ]
}
