// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

extension Target.Dependency {
    static let argumentParser = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let asyncAlgorithms = product(name: "AsyncAlgorithms", package: "swift-async-algorithms")
    static let deque = product(name: "DequeModule", package: "swift-collections")
    static let http = product(name: "HTTPTypes", package: "swift-http-types")
    static let hummingbirdCore = product(name: "HummingbirdCore", package: "hummingbird")
    static let hummingbird = product(name: "Hummingbird", package: "hummingbird")
    static let lifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let logging = product(name: "Logging", package: "swift-log")
    static let mustache = product(name: "Mustache", package: "swift-mustache")
    static let nio = product(name: "NIOCore", package: "swift-nio")
    static let nioEmbedded = product(name: "NIOEmbedded", package: "swift-nio")
    static let nioPosix = product(name: "NIOPosix", package: "swift-nio")
    static let subprocess = product(name: "Subprocess", package: "swift-subprocess")
    static let system = product(name: "SystemPackage", package: "swift-system")
    static let unixSignals = product(name: "UnixSignals", package: "swift-service-lifecycle")
}

func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies + ["Support"], swiftSettings: strict)
}

/// What every feature may use; none of them imports another.
let feature: [Target.Dependency] = ["Shapes", "Postgres", "Tenancy", "Web", "Storage", "Jobs", .http, .logging, .nio]

let package = Package(
    name: "palimpsest",
    products: [.executable(name: "palimpsest", targets: ["Server"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-async-algorithms", from: "1.1.4"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CJansson", pkgConfig: "jansson", providers: [.apt(["libjansson-dev"])]),
        .systemLibrary(name: "CCMark", pkgConfig: "libcmark", providers: [.apt(["libcmark-dev"])]),
        .systemLibrary(name: "CVipsLibrary", pkgConfig: "vips", providers: [.apt(["libvips-dev"])]),
        .target(name: "CVips", dependencies: ["CVipsLibrary"]),
        .target(name: "Schema", path: "sql", publicHeadersPath: "include"),
        library("Shapes", ["CJansson"]),
        library("Postgres", ["CLibPQ", .deque, .lifecycle, .logging, .nio]),
        library("Tenancy", ["CSodium", "Postgres", "Shapes", .logging, .nio]),
        library("Web", ["Shapes", "Postgres", "Tenancy", .http, .hummingbird, .hummingbirdCore, .logging, .nio]),
        library("Jobs", ["Shapes", "Postgres", "Tenancy", "Web", .asyncAlgorithms, .http, .lifecycle, .logging, .nio]),
        library(
            "Storage",
            [
                "COpenSSL", "Shapes", "Postgres", "Tenancy", "Web", .http, .hummingbird, .hummingbirdCore, .lifecycle, .logging, .nio,
                .nioPosix, .system,
            ]),
        library("Identity", feature + ["CSodium", .nioPosix]),
        library("Workers", feature + ["CSodium", "CYAML", .system]),
        library("Processes", feature),
        library("Corpora", feature + ["CSQLite", .nioPosix, .system]),
        library("Images", feature + ["CVips", .nioPosix, .system]),
        library("Deletion", feature),
        .target(name: "Assets", path: "Sources/Assets", publicHeadersPath: "include"),
        library(
            "Site",
            [
                "Assets", "CCMark", "CSodium", "Shapes", "Storage", "Tenancy", "Web", .http, .hummingbird, .hummingbirdCore, .logging,
                .mustache, .nio,
            ]),
        library("Standalone", [.logging, .subprocess, .system]),
        .executableTarget(
            name: "Server",
            dependencies: feature + [
                "CCurl", "Schema", "Identity", "Workers", "Processes", "Corpora", "Images", "Deletion", "Site", "Standalone",
                .argumentParser, .asyncAlgorithms, .hummingbird, .hummingbirdCore, .lifecycle, .nioPosix, .subprocess, .system,
                .unixSignals,
            ],
            swiftSettings: strict),
        .target(
            name: "Support", dependencies: ["Postgres", "Standalone", .logging, .subprocess, .system],
            path: "Tests/Support", swiftSettings: strict),
        .executableTarget(
            name: "ClientBenchmark", dependencies: ["Postgres", .lifecycle, .logging], path: "Tests/Benchmarks/Client",
            swiftSettings: strict),
        tests("PostgresTests", ["Postgres", .logging, .nio]),
        tests(
            "FeatureTests",
            [
                "Server", "Images", "Jobs", "Postgres", "Site", "Storage", "Tenancy", "Web", "Workers", "Shapes", .http, .hummingbird,
                .hummingbirdCore,
                .lifecycle, .logging, .nio, .nioEmbedded, .system,
            ]),
        tests("SystemTests", ["Server", "Corpora", "Postgres", "Processes", "Tenancy", "Web", .system]),
        tests("StandaloneTests", ["Standalone", .logging, .subprocess, .system]),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c2x
)
