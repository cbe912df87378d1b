import Postgres
import Shapes
import Tenancy
import Web

/// What kind of thing an element is; a folder holds others.
struct ElementTypeRow: Decodable, Sendable {
    var id: ID<ElementType>
    var slug: String
    var display_name: String
    var folder: Bool
    var color: String
}

struct CreateElementType: Codable, Sendable {
    struct Content: Codable, Sendable {
        var slug: TypeSlug
        var display_name: Name
        var folder: Bool?
        var color: Color?
        var corpus: ID<Corpus>
    }
    var body: Content
}

extension ElementTypeRow {
    static let create = Statement<CreateElementType, ElementTypeRow>(
        "create_element_type",
        """
        SELECT id, slug, display_name, folder, color FROM create_element_type($body.corpus, $body.slug, $body.display_name,
          coalesce($body.folder::boolean, false), coalesce($body.color, '28b62c'))
        """)
}

/// What a classifier may say of an element.
struct MLClassRow: Decodable, Sendable {
    var id: ID<MLClass>
    var name: String
}

struct CreateMLClass: Codable, Sendable {
    struct Content: Codable, Sendable { var name: ClassName }
    var id: ID<Corpus>
    var body: Content
}

/// At most 1,024 characters.
struct ClassName: Leaf {
    let value: String
    static let shape = Shape.name(upTo: 1024)
    static let sample = ClassName(value: "a")
    init(value: String) { self.value = value.trimmed }
}

/// What a page of a corpus' vocabulary is asked with.
struct VocabularyPage: Codable, Sendable, Paged {
    var id: ID<Corpus>
    var name: String?
    var page: Int?
    var page_size: Int?
}

extension MLClassRow {
    static let create = Statement<CreateMLClass, MLClassRow>(
        "create_ml_class",
        "INSERT INTO ml_class (tenant_id, id, corpus_id, name) VALUES ($tenant, uuid7(), $id, $body.name) RETURNING id, name")

    private static let matching =
        "FROM ml_class WHERE tenant_id = $tenant AND corpus_id = $id AND ($name::text IS NULL OR name = $name)"
    static let list = Statement<VocabularyPage, MLClassRow>(
        "list_ml_classes", "SELECT id, name \(matching) ORDER BY name LIMIT $limit OFFSET $offset")
    static let count = Statement<VocabularyPage, Count>("count_ml_classes", "SELECT count(*) \(matching)")
}

/// What a stretch of text may be: a person, a place.
struct EntityTypeRow: Decodable, Sendable {
    var id: ID<EntityType>
    var name: String
    var corpus: ID<Corpus>
    var color: String
}

struct CreateEntityType: Codable, Sendable {
    struct Content: Codable, Sendable {
        var name: EntityTypeName
        var corpus: ID<Corpus>
        var color: Color?
    }
    var body: Content
}

/// At most 100 characters.
struct EntityTypeName: Leaf {
    let value: String
    static let shape = Shape.string(.init(minimum: 1, maximum: 100))
    static let sample = EntityTypeName(value: "a")
    init(value: String) { self.value = value }
}

extension EntityTypeRow {
    static let create = Statement<CreateEntityType, EntityTypeRow>(
        "create_entity_type",
        """
        INSERT INTO entity_type (tenant_id, id, corpus_id, name, color)
        VALUES ($tenant, uuid7(), $body.corpus, $body.name, coalesce($body.color, 'ff0000'))
        RETURNING id, name, corpus_id AS corpus, color
        """)

    private static let matching =
        "FROM entity_type WHERE tenant_id = $tenant AND corpus_id = $id AND ($name::text IS NULL OR name = $name)"
    static let list = Statement<VocabularyPage, EntityTypeRow>(
        "list_entity_types", "SELECT id, name, corpus_id AS corpus, color \(matching) ORDER BY name LIMIT $limit OFFSET $offset")
    static let count = Statement<VocabularyPage, Count>("count_entity_types", "SELECT count(*) \(matching)")
}
