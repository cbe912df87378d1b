import Postgres
import Synchronization

/// Which tenants share the connections. Whoever asks names a tenant before anything has been checked: until the database has let somebody
/// into it once, all such are one party, so that made-up tenants take nobody's turn.
final class Parties: Sendable {
    private let known = Mutex<[ID<Tenant>: Party]>([:])
    private static let strangers = Party(1)

    func party(of tenant: ID<Tenant>) -> Party {
        known.withLock { $0[tenant] } ?? Self.strangers
    }

    /// The database has let somebody into it.
    func met(_ tenant: ID<Tenant>) {
        known.withLock { known in
            if known[tenant] == nil { known[tenant] = Party(known.count + 2) }
        }
    }
}
