import FoundationEssentials
import Shapes
import Tenancy
import Web

/// What a IIIF server says of an image in `info.json`: the Image API 1.1, 2.1 and 3.0, chapter "Image Information" of each.
struct ImageInformation: Sendable, Equatable {
    let width: Int
    let height: Int
    /// 2 also for version 1, whose addresses are the same but for the name of the quality.
    let version: Int
    /// The largest that the server gives.
    let maximumWidth: Int?
    let maximumHeight: Int?

    /// - Returns: nil when it is no such document.
    init?(_ value: JSONValue) {
        guard value.isImageInformation, let width = value["width"]?.pixels, let height = value["height"]?.pixels else { return nil }
        self.width = width
        self.height = height
        version = value["type"] == "ImageService3" || value.contexts.contains("http://iiif.io/api/image/3/context.json") ? 3 : 2
        // Version 2 has the limits in its profile.
        let limits = ([value] + (value["profile"]?.elements ?? [])).first { $0["maxWidth"] != nil }
        maximumWidth = limits?["maxWidth"]?.pixels
        maximumHeight = limits?["maxHeight"]?.pixels ?? maximumWidth
    }

    /// What is no JSON and what is other JSON comes to the same for whoever gave the address.
    private static let missing = Problem.invalid(
        "url", code: "no_image_information", "What its server answers for info.json does not describe an image as IIIF has it.")

    /// Looks at an image elsewhere.
    /// - Throws: 400 at `url` that says what its server did, and 400 at `width` or `height` that are given and others.
    init(of image: OutsideImage, _ given: CreateIIIFURL.Content, by reader: OutsideReader, for tenant: ID<Tenant>) async throws {
        let bytes: [UInt8]
        do {
            bytes = try await reader.read("\(image.address)/info.json", tenant)
        } catch let failure as OutsideReader.Failure {
            throw failure.problem(at: "url")
        }
        let answer: JSONValue
        do { answer = try bytes.withUnsafeBytes { try JSONValue(parsing: $0) } } catch { throw Self.missing }
        guard let information = Self(answer) else { throw Self.missing }
        let faults = [("width", given.width, information.width), ("height", given.height, information.height)].compactMap {
            field, given, found -> Fault? in
            guard let given, given.value != found else { return nil }
            return Fault(path: [.key(field)], code: "wrong_size", detail: "Its server says that the image's \(field) is \(found).")
        }
        guard faults.isEmpty else { throw Problem.invalid(faults) }
        self = information
    }
}

extension NewImage {
    /// With the size that is given, or else the one that its server says. No connection to the database is held while that is asked.
    init(_ content: CreateIIIFURL.Content, by reader: OutsideReader, _ scope: Scope) async throws {
        let image = try OutsideImage(content.url)
        if let width = content.width, let height = content.height {
            self.init(image, width: width, height: height)
        } else {
            // Nobody makes this server ask another one who may not make the image then.
            _ = try await scope.rows(ImageRow.announce, image)
            self.init(image, try await ImageInformation(of: image, content, by: reader, for: scope.caller.tenant))
        }
    }
}

extension JSONValue {
    fileprivate var isImageInformation: Bool {
        self["protocol"] == "http://iiif.io/api/image"
            // Version 1 has no protocol.
            || contexts.contains("http://library.stanford.edu/iiif/image-api/1.1/context.json")
    }

    fileprivate var contexts: [String] {
        (self["@context"]?.elements ?? [self["@context"]].compactMap(\.self)).compactMap(\.string)
    }

    fileprivate var elements: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    fileprivate var pixels: Int? {
        guard case .integer(let number) = self, Pixels.range.contains(number) else { return nil }
        return number
    }
}
