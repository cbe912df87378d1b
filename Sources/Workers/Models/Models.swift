import HTTPTypes
import Shapes
import Storage
import Tenancy
import Web

/// Models and their versions: a part of what can be run.
enum Models {
    static func operations(_ files: FileStore) -> [Operation] {
        ModelRow.operations + CompatibleWorker.operations + ModelVersionRow.operations + Multipart.operations(files)
    }

    static let transfers: [Transfer] = Archive.transfers + Multipart.transfers

    static func declarations() throws -> [Declaration] {
        try [
            .init(ModelRow.retrieve), .init(ModelRow.list), .init(ModelRow.count), .init(ModelRow.create), .init(ModelRow.update),
            .init(CompatibleWorker.list), .init(CompatibleWorker.count), .init(CompatibleWorker.retrieve), .init(CompatibleWorker.add),
            .init(CompatibleWorker.remove), .init(ModelVersionRow.retrieve), .init(ModelVersionRow.list), .init(ModelVersionRow.count),
            .init(ModelVersionRow.create), .init(ModelVersionRow.update), .init(ModelVersionRow.destroy), .init(Archive.expected),
            .init(Archive.keep), .init(Archive.find), .init(Multipart.create), .init(Multipart.createPart), .init(Multipart.expected),
            .init(Multipart.keep), .init(Multipart.pieces), .init(Multipart.complete), .init(Multipart.abort), .init(Multipart.forget),
        ]
    }

    /// The words of the second are those that the worker library looks for before it tries again without the tag.
    static let conflicts: [String: Problem] = [
        "model_name_unique": Problem(
            .badRequest, "unique", "A model with this name already exists.", at: ["name"],
            extra: ["name": ["A model with this name already exists."]]),
        "model_version_tag_unique": Problem(
            .badRequest, "unique", "A version for this model with this tag already exists.", at: ["non_field_errors"],
            extra: ["non_field_errors": ["A version for this model with this tag already exists."]]),
    ]
}
