public import HTTPTypes
public import NIOCore

/// Bytes to be given, and what is said of them.
public struct Delivery: Sendable {
    enum Content: Sendable {
        case stored(String)
        case file(ReadableFile)
        case bytes(ByteBuffer)
    }

    let content: Content
    public var contentType: String
    /// Without quotes; the same tag promises the same bytes.
    public var tag: String
    /// What caches may do with it. By default nothing but ask again whether it has changed.
    public var cacheControl = "private, no-cache"
    /// What a browser calls the file when it saves it; without it, it shows it.
    public var fileName: String?
    public var headers: HTTPFields = [:]

    /// A file of the store.
    public static func stored(_ digest: String, contentType: String, fileName: String? = nil) -> Delivery {
        Delivery(.stored(digest), contentType: contentType, tag: digest, fileName: fileName)
    }

    /// Any other file, such as one of a cache.
    public static func file(_ file: ReadableFile, contentType: String, tag: String) -> Delivery {
        Delivery(.file(file), contentType: contentType, tag: tag)
    }

    public static func bytes(_ bytes: ByteBuffer, contentType: String, tag: String) -> Delivery {
        Delivery(.bytes(bytes), contentType: contentType, tag: tag)
    }

    private init(_ content: Content, contentType: String, tag: String, fileName: String? = nil) {
        self.content = content
        self.contentType = contentType
        self.tag = tag
        self.fileName = fileName
    }
}
