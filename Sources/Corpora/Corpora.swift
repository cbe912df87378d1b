import HTTPTypes
import Shapes
public import Tenancy
public import Web

/// What is known of documents: corpora, their elements, and the results on these.
public enum Corpora {
    public static let operations: [Operation] =
        CorpusRow.operations + ElementTypeRow.operations + MLClassRow.operations + EntityTypeRow.operations + ElementRow.operations
        + Hierarchy.operations + TranscriptionRow.operations + CreateClassifications.operations + MetadataSummary.operations
        + TranscriptionEntityRow.operations + TranscriptionRow.editing + MetadataSummary.editing + ClassificationSummary.editing
        + TranscriptionEntityRow.editing + EmbeddingRow.operations + Datasets.operations + Erasure.operations + Selection.operations
        + ExportRow.operations

    /// Every statement of this feature, for the test that prepares them.
    /// - Throws: when the types of one cannot be recorded.
    public static func declarations() throws -> [Declaration] {
        try [
            .init(CorpusRow.retrieve), .init(CorpusRow.list), .init(CorpusRow.create, also: ["id"]), .init(ElementTypeRow.create),
            .init(MLClassRow.create),
            .init(MLClassRow.list), .init(MLClassRow.count), .init(EntityTypeRow.create), .init(EntityTypeRow.list),
            .init(EntityTypeRow.count), .init(ElementRow.retrieve), .init(CreateElement.statement), .init(CreateElements.statement),
            .init(UpdateElement.statement), .init(PartialUpdateElement.statement), .init(ElementNeighbors.list), .init(ElementList.parents),
            .init(ElementList.parentsCount), .init(Hierarchy.link),
            .init(Hierarchy.unlink), .init(Hierarchy.linkChildren), .init(Hierarchy.move), .init(EmbeddingRow.create),
            .init(EmbeddingRow.retrieve), .init(EmbeddingRow.list), .init(EmbeddingRow.count), .init(TranscriptionRow.list),
            .init(TranscriptionRow.count),
            .init(CreateTranscription.statement), .init(CreateTranscriptions.statement), .init(CreateElementTranscriptions.statement),
            .init(CreateClassification.statement), .init(CreateClassifications.statement), .init(CreateMetaData.statement),
            .init(CreateMetaDataBulk.statement), .init(MetadataSummary.list), .init(CreateTranscriptionEntity.statement),
            .init(CreateTranscriptionEntities.statement), .init(TranscriptionEntityRow.list), .init(TranscriptionEntityRow.count),
            .init(Selection.list), .init(Selection.count), .init(Selection.add), .init(Selection.remove),
            .init(TranscriptionRow.retrieve), .init(TranscriptionRow.update), .init(TranscriptionRow.destroy),
            .init(MetadataSummary.retrieve),
            .init(MetadataSummary.update), .init(MetadataSummary.destroy), .init(ClassificationSummary.retrieve),
            .init(ClassificationSummary.judge),
            .init(ClassificationSummary.destroy), .init(TranscriptionEntityRow.retrieve), .init(TranscriptionEntityRow.update),
            .init(TranscriptionEntityRow.destroy), .init(Erasure.element), .init(Erasure.corpus), .init(Erasure.restoredCorpus),
            .init(Erasure.changedCorpus), .init(Erasure.replacedCorpus), .init(Marking.batch), .init(DestroyElements.statement),
        ] + ElementList.formDeclarations() + Datasets.declarations() + Exports.declarations()
    }

    /// What existing clients read when a uniqueness is broken: their exact words, beside the structured form.
    public static let conflicts: [String: Problem] = Datasets.conflicts.merging(results) { first, _ in first }

    private static let results: [String: Problem] = [
        "element_type_slug_unique": exists("slug", "An element type with this slug already exists in this corpus."),
        "ml_class_name_unique": exists("name", "A class with this name already exists in this corpus."),
        "entity_type_name_unique": exists("name", "An entity type with this name already exists in this corpus."),
        "classification_unique": unique("The fields element, worker_run, ml_class must make a unique set."),
        "embedding_unique": unique("The fields element, worker_run must make a unique set."),
        "transcription_entity_unique": unique("The fields transcription, type, offset, length, worker_run must make a unique set."),
    ]

    private static func exists(_ field: String, _ detail: String) -> Problem {
        Problem(.badRequest, "unique", detail, at: [.key(field)], extra: [field: [.string(detail)]])
    }

    private static func unique(_ detail: String) -> Problem {
        Problem(.badRequest, "unique", detail, at: ["non_field_errors"], extra: ["non_field_errors": [.string(detail)]])
    }
}
