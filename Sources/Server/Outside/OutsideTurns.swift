import HTTPTypes
import Tenancy
import Web

/// Who may ask another server now. A tenant whose servers are slow leaves room for others.
actor OutsideTurns {
    private let perTenant: Int
    private var free: Int
    private var taken: [ID<Tenant>: Int] = [:]
    private var waiting: [(tenant: ID<Tenant>, continuation: CheckedContinuation<Void, Never>)] = []
    private static let mostWaiting = 100

    init(places: Int, perTenant: Int) {
        free = places
        self.perTenant = perTenant
    }

    /// - Throws: 503 when too many of the tenant wait.
    func taken<Value: Sendable>(by tenant: ID<Tenant>, _ body: @Sendable () async throws -> Value) async throws -> Value {
        if mayBegin(tenant) {
            begin(tenant)
        } else {
            guard waiting.count(where: { $0.tenant == tenant }) < Self.mostWaiting else {
                throw Problem(.serviceUnavailable, "busy", "Too many images elsewhere are being looked at.", retryAfter: 5)
            }
            await withCheckedContinuation { waiting.append((tenant, $0)) }
        }
        defer { end(tenant) }
        try Task.checkCancellation()
        return try await body()
    }

    private func mayBegin(_ tenant: ID<Tenant>) -> Bool { free > 0 && taken[tenant, default: 0] < perTenant }

    private func begin(_ tenant: ID<Tenant>) {
        free -= 1
        taken[tenant, default: 0] += 1
    }

    /// The place goes to the one that has waited longest and whose tenant has not had its share.
    private func end(_ tenant: ID<Tenant>) {
        free += 1
        taken[tenant] = taken[tenant].flatMap { $0 > 1 ? $0 - 1 : nil }
        guard let next = waiting.firstIndex(where: { mayBegin($0.tenant) }) else { return }
        let first = waiting.remove(at: next)
        begin(first.tenant)
        first.continuation.resume()
    }
}
