import HTTPTypes
import Shapes
import Tenancy
import Web

/// Datasets: a part of what is known of documents.
enum Datasets {
    static let operations: [Operation] =
        DatasetRow.operations + DatasetSetRow.operations + DatasetElementRow.operations + ProcessSetRow.operations

    static func declarations() throws -> [Declaration] {
        try [
            .init(DatasetRow.retrieve), .init(DatasetRow.list), .init(DatasetRow.count), .init(DatasetRow.create), .init(DatasetRow.update),
            .init(DatasetRow.destroy), .init(DatasetSetRow.retrieve), .init(DatasetSetRow.create), .init(DatasetSetRow.update),
            .init(DatasetSetRow.destroy), .init(DatasetElementRow.list), .init(DatasetElementRow.count), .init(DatasetElementRow.retrieve),
            .init(DatasetElementRow.create), .init(DatasetElementRow.destroy), .init(ProcessSetRow.list), .init(ProcessSetRow.count),
        ]
    }

    static let conflicts: [String: Problem] = [
        "dataset_name_unique": unique("A dataset with this name already exists in this corpus."),
        "dataset_set_name_unique": unique("This dataset already has a set with this name."),
        "dataset_element_unique": unique("This element is already in this set."),
        "dataset_element_exclusive": unique("This element is already in another set of this dataset, which has each element once."),
    ]

    private static func unique(_ detail: String) -> Problem {
        Problem(.badRequest, "unique", detail, at: ["non_field_errors"], extra: ["non_field_errors": [.string(detail)]])
    }
}
