import Shapes
import Tenancy
import Web

/// The level of a person or a group on one thing.
struct MembershipRow: Decodable, Sendable {
    struct Person: Codable, Sendable {
        var id: ID<User>
        var email: String
        var display_name: String
    }
    struct Group: Codable, Sendable {
        var id: ID<UserGroup>
        /// Nil where the caller may not see the group.
        var name: String?
    }
    var id: ID<Membership>
    var user: Person?
    var group: Group?
    var corpus: ID<Corpus>?
    var worker: ID<Worker>?
    var model: ID<Model>?
    var group_target: ID<UserGroup>?
    var level: Int
}

/// 10 guest, 50 contributor, 100 admin.
struct MembershipLevel: Leaf {
    let value: Int
    static let shape = Shape.integer(10...100)
    static let sample = MembershipLevel(value: 10)
    init(value: Int) { self.value = value }
}

/// Somebody by their id or their address.
struct PersonName: Leaf {
    let value: String
    static let shape = Shape.string(.init(minimum: 3, maximum: 254))
    static let sample = PersonName(value: "a@b")
    init(value: String) { self.value = value }
}

struct CreateMembership: Codable, Sendable {
    struct Content: Codable, Sendable {
        var user: PersonName?
        var group: ID<UserGroup>?
        var corpus: ID<Corpus>?
        var worker: ID<Worker>?
        var model: ID<Model>?
        var group_target: ID<UserGroup>?
        var level: MembershipLevel
    }
    var body: Content
}

struct PartialUpdateMembership: Codable, Sendable {
    struct Content: Codable, Sendable { var level: MembershipLevel }
    var id: ID<Membership>
    var body: Content
}

struct OnlyMembershipID: Codable, Sendable {
    var id: ID<Membership>
}

/// The members of one thing; without any of these, what the caller is a member of.
struct ListMemberships: Codable, Sendable, Paged {
    var corpus: ID<Corpus>?
    var worker: ID<Worker>?
    var model: ID<Model>?
    var group: ID<UserGroup>?
    var page: Int?
    var page_size: Int?
}
