import NIOCore
import Testing
import Web

@testable import Site

/// The body of a form with files, in whatever pieces it comes.
@Suite struct FormWithFilesTests {
    private static let type = "multipart/form-data; boundary=----Form7"
    private static let body =
        "nobody's\r\n------Form7\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\npage\r\n"
        + "------Form7\r\ncontent-disposition: form-data; name=\"files\"; filename=\"La%22 page.png\"\r\nContent-Type: image/png\r\n\r\n"
        + "\r\n------Form\r\nnearly\r\n\r\n------Form7\r\nContent-Disposition: form-data; name=\"files\"; filename=\"\"\r\n\r\n\r\n------Form7--\r\nrest"

    /// A part as it was put together again.
    private struct Part: Equatable {
        var name: String
        var file: String?
        var text = ""
        var isWhole = false
    }

    private static let parts = [
        Part(name: "type", text: "page", isWhole: true),
        Part(name: "files", file: "La\" page.png", text: "\r\n------Form\r\nnearly\r\n", isWhole: true),
        Part(name: "files", file: "", isWhole: true),
    ]

    private func parts(_ bytes: [UInt8], piece: Int) throws -> (parts: [Part], isDone: Bool) {
        var parser = try #require(Multipart(contentType: Self.type))
        var parts: [Part] = []
        for start in stride(from: 0, to: bytes.count, by: piece) {
            parser.feed(ByteBuffer(bytes: bytes[start..<min(start + piece, bytes.count)]))
            while let event = try parser.next() {
                switch event {
                case .begin(let name, let file): parts.append(Part(name: name, file: file))
                case .bytes(let bytes): parts[parts.count - 1].text += String(buffer: bytes)
                case .end: parts[parts.count - 1].isWhole = true
                }
            }
        }
        return (parts, parser.isDone)
    }

    @Test(arguments: [1, 2, 3, 7, 16, 41, 100, 10_000]) func whatComesInPiecesIsTheSame(piece: Int) throws {
        let read = try parts(Array(Self.body.utf8), piece: piece)
        #expect(read.parts == Self.parts && read.isDone)
    }

    @Test func aBodyThatBreaksOffIsNotDone() throws {
        for length in stride(from: 0, to: Self.body.utf8.count - "--\r\nrest".utf8.count, by: 5) {
            #expect(try !parts(Array(Self.body.utf8.prefix(length)), piece: 64).isDone, "\(length)")
        }
    }

    @Test func onlyFormsWithFilesAreTakenApart() {
        for type in [nil, "", "application/x-www-form-urlencoded", "multipart/form-data", "multipart/mixed; boundary=x"] {
            #expect(Multipart(contentType: type) == nil)
        }
        #expect(Multipart(contentType: "Multipart/Form-Data; charset=utf-8; boundary=\"a b\"") != nil)
    }

    @Test func whatIsNoFormIsRefused() throws {
        let begin = "--x\r\n"
        for body in ["\(begin)Content-Type: text/plain\r\n\r\n", "--xy\r\n", begin + String(repeating: "a", count: 20_000)] {
            var parser = try #require(Multipart(contentType: "multipart/form-data; boundary=x"))
            parser.feed(ByteBuffer(string: body))
            #expect(throws: Problem.self) { while try parser.next() != nil {} }
        }
    }
}
