import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Postgres
import Tenancy
import Web

/// What monitoring reads, at an address of its own. Numbers alone: no tenant, person or object is named.
struct Metrics: Sendable {
    let tenancy: Tenancy
    let requests: RequestMetrics

    func application(_ host: String, _ port: Int, _ logger: Logger) -> some ApplicationProtocol {
        let router = Router(context: BasicRequestContext.self)
        router.get("/metrics") { _, _ in
            Response(
                status: .ok, headers: [.contentType: Exposition.contentType],
                body: .init(byteBuffer: ByteBuffer(string: await exposition().text)))
        }
        return Application(
            router: router, configuration: .init(address: .hostname(host, port: port), serverName: "palimpsest"),
            onServerRunning: { channel in
                announce("metrics on http://\(host.contains(":") ? "[\(host)]" : host):\(channel.localAddress?.port ?? port)/metrics")
            },
            logger: logger)
    }

    func exposition() async -> Exposition {
        var exposition = Exposition()
        exposition.gauge("palimpsest_up", "Whether the server answers.", 1)
        do {
            let (jobs, lineages) = (try await tenancy.jobBacklog(), try await tenancy.mostHiddenLineages())
            exposition.gauge("palimpsest_database_up", "Whether the database answered.", 1)
            exposition.write(jobs)
            exposition.gauge("palimpsest_hidden_lineages", "What deletions hide in the tenant where it is most.", lineages)
        } catch {
            // That it does not answer is what is to be told; why, stands in the log of the pool.
            exposition.gauge("palimpsest_database_up", "Whether the database answered.", 0)
        }
        exposition.write(await tenancy.poolUse)
        requests.write(into: &exposition)
        return exposition
    }
}

extension Exposition {
    fileprivate mutating func write(_ jobs: [JobBacklog]) {
        family("palimpsest_jobs", .gauge, "Jobs by kind and state, in all tenants.")
        for job in jobs { sample("palimpsest_jobs", [("kind", job.kind), ("state", job.state)], job.jobs) }
        gauge(
            "palimpsest_job_oldest_due_seconds", "For how long the oldest job that is due has waited.", jobs.map(\.oldest).max() ?? 0)
        family("palimpsest_job_objects_left", .gauge, "Objects that jobs have still to deal with.")
        for (kind, jobs) in Dictionary(grouping: jobs, by: \.kind).sorted(by: { $0.key < $1.key }) {
            sample("palimpsest_job_objects_left", [("kind", kind)], jobs.map(\.objectsLeft).reduce(0, +))
        }
    }

    fileprivate mutating func write(_ use: PoolUse) {
        for (name, help, value) in [
            ("shared_connections", "Connections that requests share.", use.shared),
            ("shared_connected", "Those of them that are open.", use.connected),
            ("in_flight", "Segments that the database has not answered yet.", use.inFlight),
            ("waiting", "Segments that wait for a connection.", use.waiting),
            ("lendable_connections", "Connections that can be lent.", use.lendable),
            ("lent_connections", "Connections on loan.", use.lent), ("borrowers", "Whoever waits for a loan.", use.borrowers),
        ] { gauge("palimpsest_pool_\(name)", help, Double(value)) }
    }
}
