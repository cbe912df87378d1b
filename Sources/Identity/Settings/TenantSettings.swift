import HTTPTypes
import Postgres
import Shapes
import Tenancy
import Web

/// What instance administrators set for the whole instance.
struct TenantSettings: Decodable, Sendable {
    /// For how many seconds a deletion can be undone; 0 purges at once. For deletions that are made from now on.
    var purge_horizon: Int
}

/// At most a year.
struct Horizon: Leaf {
    let value: Int
    static let shape = Shape.integer(0...31_536_000)
    static let sample = Horizon(value: 0)
    init(value: Int) { self.value = value }
}

struct RetrieveSettings: Codable, Sendable {}

struct PartialUpdateSettings: Codable, Sendable {
    struct Content: Codable, Sendable { var purge_horizon: Horizon? }
    var body: Content
}

extension TenantSettings {
    static let retrieve = Statement<RetrieveSettings, TenantSettings>(
        "retrieve_settings",
        "SELECT extract(epoch FROM t.purge_horizon)::bigint AS purge_horizon FROM tenant t WHERE t.tenant_id = $tenant")
    static let update = Statement<PartialUpdateSettings, TenantSettings>(
        "partial_update_settings", "SELECT change_settings($body.purge_horizon::bigint) AS purge_horizon")

    static let operations: [Operation] = [
        Operation(
            "RetrieveSettings", .get, "/api/v1/settings/", "The settings of this instance", rule: .instanceAdministrator, one: retrieve),
        Operation(
            "PartialUpdateSettings", .patch, "/api/v1/settings/", "Change settings of this instance", rule: .instanceAdministrator,
            one: update),
    ]
}
