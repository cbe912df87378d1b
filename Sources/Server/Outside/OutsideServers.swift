import Images
import NIOPosix
import Tenancy

/// Reads small documents from servers that people name: within limits, and from addresses that anybody could reach, unless the operator has
/// opened others. What came is for the one who looks into it, and for no answer and no log.
struct OutsideServers: Sendable {
    var destinations = Destinations.everyonesServers
    /// For one document with all redirects.
    var patience = Duration.seconds(10)

    /// How many are asked at once, of all tenants together, and of one.
    private static let places = 8
    private static let turns = OutsideTurns(places: places, perTenant: places / 2)
    /// Wait for other servers, so that nothing else has to.
    private static let threads = NIOThreadPool._makePerpetualStartedPool(numberOfThreads: places, threadNamePrefix: "outside-")

    /// A document of a IIIF server has a few hundred bytes.
    private static let longest = 1 << 20

    /// What ``Images`` reads by.
    var reader: OutsideReader { OutsideReader { url, tenant in try await read(url, for: tenant) } }

    private func read(_ url: String, for tenant: ID<Tenant>) async throws -> [UInt8] {
        let request = CurlRequest(
            url: url, headers: ["Accept: application/ld+json, application/json", "User-Agent: palimpsest"], body: nil, patience: patience,
            longest: Self.longest, destinations: destinations)
        let answer: CurlRequest.Answer
        do {
            answer = try await Self.turns.taken(by: tenant) { try await request.perform(on: Self.threads) }
        } catch let failure as CurlRequest.Failure {
            // The request of whoever waited ended, and with it this one.
            try Task.checkCancellation()
            throw OutsideReader.Failure(failure.reason)
        }
        guard answer.status == 200 else { throw OutsideReader.Failure.status(answer.status) }
        return answer.body
    }
}

extension OutsideReader.Failure {
    fileprivate init(_ reason: CurlRequest.Failure.Reason) {
        self =
            switch reason {
            case .destination: .forbidden
            case .patience: .slow
            case .length: .long
            case .redirects: .redirects
            case .scheme: .scheme
            case .name: .name
            case .certificate: .certificate
            case .other: .unreachable
            }
    }
}
