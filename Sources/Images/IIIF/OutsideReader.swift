public import Tenancy
import Web

/// Reads a document from another server. `Compose` gives the one that looks where it connects to.
public struct OutsideReader: Sendable {
    /// Why nothing was read. Nothing that the other server said is in it: it may be an answer that is none of the asker's business.
    public enum Failure: Error, Equatable {
        case forbidden, slow, long, redirects, scheme, name, certificate, unreachable
        case status(Int)
    }

    let read: @Sendable (_ url: String, _ tenant: ID<Tenant>) async throws -> [UInt8]

    /// - Parameter read: throws ``Failure``.
    public init(read: @escaping @Sendable (_ url: String, _ tenant: ID<Tenant>) async throws -> [UInt8]) {
        self.read = read
    }
}

extension OutsideReader.Failure {
    /// A refusal: whoever gave the address can mend it, or do without.
    func problem(at field: String) -> Problem {
        .invalid(field, code: code, "\(sentence) Or give width and height, then nothing is asked.")
    }

    private var code: String {
        switch self {
        case .forbidden: "address_not_allowed"
        case .status: "server_refused"
        default: "server_unreachable"
        }
    }

    private var sentence: String {
        switch self {
        case .forbidden:
            "This leads to this machine or to a private network, where nothing is opened unless the operator of this server allows it."
        case .slow: "Its server took too long to answer for info.json."
        case .long: "What its server answers for info.json is far too long."
        case .redirects: "Its server redirects too often."
        case .scheme: "Its server redirects to something that is neither http nor https."
        case .name: "There is no server with this name."
        case .certificate: "Its server has no valid certificate."
        case .unreachable: "Its server cannot be reached, or does not speak HTTP."
        case .status(let number): "Its server answers \(number) for info.json, and not 200."
        }
    }
}
