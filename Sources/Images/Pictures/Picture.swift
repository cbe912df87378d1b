internal import CVips
import NIOPosix
import Storage
import SystemPackage

/// A file with a picture in it, as libvips sees it. All of this blocks, for as long as decoding takes.
struct Picture: Sendable {
    let type: PictureType
    /// In pixels, as it is shown: with the orientation that a camera noted applied.
    let width: Int
    let height: Int
    /// Whether the file itself can be given to viewers for the whole picture.
    let deliverable: Bool

    /// What makes a file no picture for us. Each is a sentence for whoever sent it.
    enum Fault: String, Error {
        case unknown = "The file is not a JPEG, PNG, TIFF or WebP image."
        case tooLarge = "The image has more than 400 million pixels, or a side of more than 65,500."
        case damaged = "The image is damaged or cut short: it could not be decoded to its end."
    }

    static let mostPixels = 400_000_000
    /// The longest side that a JPEG can have.
    static let longestSide = 65_500

    /// Looks at a file: its header first, so that a bomb is never decoded, and then all of it.
    /// - Throws: ``Fault``.
    init(lookingAt path: FilePath) throws(Fault) {
        guard Self.library else { throw .unknown }
        var header = cvips_header()
        guard cvips_read_header(path.string, &header) == 0, let loader = header.loader,
            let type = PictureType(loader: String(cString: loader))
        else { throw .unknown }
        let (width, height) = (Int(header.width), Int(header.height))
        guard width <= Self.longestSide, height <= Self.longestSide, width * height <= Self.mostPixels else { throw .tooLarge }
        guard cvips_decode(path.string) == 0 else { throw .damaged }
        self.type = type
        self.width = width
        self.height = height
        deliverable = header.deliverable
    }

    /// The same outside of the threads that serve requests. The file is open meanwhile, so nobody takes it away.
    static func look(at file: ReadableFile) async -> Result<Picture, Fault> {
        do {
            return try await NIOThreadPool.singleton.runIfActive {
                Result { () throws(Fault) -> Picture in try Picture(lookingAt: file.path) }
            }
        } catch {
            // The server is stopping, or nobody waits for the answer any more.
            return .failure(.damaged)
        }
    }

    struct NotRendered: Error, CustomStringConvertible {
        let description: String
    }

    /// Writes a rendering of one file into another.
    static func render(_ source: FilePath, as rendering: Rendering, into target: FilePath) throws {
        var options = cvips_rendering(
            left: Int32(rendering.region.left), top: Int32(rendering.region.top), width: Int32(rendering.region.width),
            height: Int32(rendering.region.height), target_width: Int32(rendering.width), target_height: Int32(rendering.height),
            mirrored: rendering.mirrored, degrees: Int32(rendering.degrees), quality: rendering.quality.forVips,
            png: rendering.format == .png)
        guard library, cvips_render(source.string, target.string, &options) == 0 else {
            throw NotRendered(description: "libvips could not make \(rendering.name) of \(source.lastComponent?.string ?? "a file")")
        }
    }

    /// Whether libvips is there; asked once.
    private static let library = cvips_start() == 0
}

/// What images may be. The raw values are their media types.
enum PictureType: String, Sendable {
    case jpeg = "image/jpeg"
    case png = "image/png"
    case tiff = "image/tiff"
    case webp = "image/webp"

    init?(loader: String) {
        switch loader {
        case "jpegload": self = .jpeg
        case "pngload": self = .png
        case "tiffload": self = .tiff
        case "webpload": self = .webp
        default: return nil
        }
    }
}

extension Rendering.Quality {
    fileprivate var forVips: cvips_quality {
        switch self {
        case .color: cvips_color
        case .gray: cvips_gray
        case .bitonal: cvips_bitonal
        }
    }
}
