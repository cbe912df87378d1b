import HTTPTypes
import Postgres
public import Storage
public import Tenancy
public import Web

/// Pictures, where they are, and what is shown of them.
public enum Images {
    /// - Parameter outside: reads what other servers say of images on them.
    public static func operations(_ outside: OutsideReader) -> [Operation] {
        [
            Operation(
                "CreateIIIFURL", .post, "/api/v1/image/iiif/url/", "Register an image on an IIIF server by its address",
                rule: .signedIn.own, status: .created
            ) { (input: CreateIIIFURL, scope: Scope) -> Reply<ImageRow> in
                let image = try await NewImage(input.body, by: outside, scope)
                guard let made = try await scope.first(ImageRow.create, image) else { throw Problem.notFound }
                return try .row(await scope.rows(ImageRow.retrieve, made))
            }
        ] + operations
    }

    private static let operations: [Operation] = [
        Operation(
            "CreateImage", .post, "/api/v1/image/", "Make an image that is to be uploaded", rule: .signedIn.own, status: .created
        ) { (input: CreateImage, scope: Scope) -> Reply<ImageRow> in
            guard let made = try await scope.first(ImageRow.createLocal, input) else { throw Problem.notFound }
            return try .row(await scope.rows(ImageRow.retrieve, made))
        },
        Operation(
            "RetrieveImage", .get, "/api/v1/image/{id}/", "An image", rule: .level(.guest, on: .image, \.id), one: ImageRow.retrieve),
        Operation(
            "PartialUpdateImage", .patch, "/api/v1/image/{id}/", "Say whether an image is in order",
            rule: .level(.admin, on: .image, \.id)
        ) { (input: PartialUpdateImage, scope: Scope) -> Reply<ImageRow> in
            let rows = try await scope.run([scope.call(ImageRow.update, input), scope.call(ImageRow.retrieve, OnlyImageID(id: input.id))])
            return try .row(rows[1])
        },
    ]

    public static let transfers: [Transfer] = ImageRow.transfers

    /// Every statement of this feature, for the test that prepares them.
    /// - Throws: when the types of one cannot be recorded.
    public static func declarations() throws -> [Declaration] {
        try [
            .init(ImageRow.retrieve), .init(ImageRow.announce), .init(ImageRow.create), .init(ImageRow.createLocal), .init(ImageRow.update),
            .init(ImageRow.await), .init(ImageRow.keep), .init(ImageFile.find),
        ]
    }
}
