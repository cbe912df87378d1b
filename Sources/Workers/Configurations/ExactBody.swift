import FoundationEssentials
import HTTPTypes
import NIOCore
import Postgres
import Shapes
import Tenancy
import Web

/// A request's body that was read without losing anything.
struct ExactBody<Content: Decodable & Sendable>: Sendable {
    let datum: Datum
    /// What is wrong with it by its shape.
    let faults: [Fault]

    /// In bytes. What a configuration keeps is measured again when it is written.
    static var limit: Int { 1 << 20 }

    /// - Throws: ``Problem`` 400 for what is no JSON, or has no meaning of its own, with the place.
    init(_ body: JSONBody<Content>, largest field: String) throws {
        let bytes = Array(body.bytes.readableBytesView)
        guard bytes.count <= Self.limit else {
            throw Problem.invalid(field, code: "too_large", "The body must have at most \(Self.limit >> 20) MB.")
        }
        do {
            datum = try DatumReader.read(bytes)
        } catch {
            throw Problem.invalid(error.faults)
        }
        guard case .object = datum else { throw Problem(.badRequest, "invalid", "The body must be an object.") }
        faults = JSONBody<Content>.shape.faults(in: datum.json)
    }

    /// - Throws: ``Problem`` 400 with the faults of the shape, and these.
    func content(_ further: [Fault] = []) throws -> Content {
        guard (faults + further).isEmpty else { throw Problem.invalid(faults + further) }
        return try JSONDecoder().decode(Content.self, from: JSONEncoder().encode(datum.json))
    }
}
