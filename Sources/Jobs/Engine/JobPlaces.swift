import Synchronization
import Tenancy

/// Who may have a job carried out here now. No tenant has all the places: its long jobs leave one for others.
final class JobPlaces: Sendable {
    private let perTenant: Int
    private let taken = Mutex<[ID<Tenant>: Int]>([:])

    init(perTenant: Int) {
        self.perTenant = perTenant
    }

    /// - Returns: whether the tenant has a place, to be given back.
    func take(_ tenant: ID<Tenant>) -> Bool {
        taken.withLock { taken in
            guard taken[tenant, default: 0] < perTenant else { return false }
            taken[tenant, default: 0] += 1
            return true
        }
    }

    func giveBack(_ tenant: ID<Tenant>) {
        taken.withLock { taken in taken[tenant] = taken[tenant].flatMap { $0 > 1 ? $0 - 1 : nil } }
    }
}
