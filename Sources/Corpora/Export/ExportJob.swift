import FoundationEssentials
import Jobs
import NIOCore
import NIOPosix
import Postgres
import Storage
import SystemPackage
import Tenancy

/// Writes one export. It begins anew whenever it is tried again: a file that is half done is worth nothing.
struct ExportJob {
    struct Arguments: Decodable, Sendable {
        var export: ID<Export>
    }

    /// Deletions went on all the while.
    struct Restless: Error, CustomStringConvertible {
        let description = "Results were deleted or brought back while the export was made, three times over."
    }

    /// A row refers to one that is not there. This is a fault of ours.
    struct Incoherent: Error, CustomStringConvertible {
        let table: String
        var description: String { "Rows of \(table) refer to what is not in the export." }
    }

    let job: RunningJob
    let export: ID<Export>
    let files: FileStore
    let path: FilePath

    /// Elements in one transaction.
    private static let batch = 500
    /// The members of a dataset are sorted anew for each list of them.
    private static let longestList = 20_000

    /// - Parameter scratch: where files are written before they are given to the store; made when it is needed.
    static func kind(_ files: FileStore, scratch: FilePath) -> JobKind {
        JobKind("export_corpus") { (arguments: Arguments, job: RunningJob) in
            try await offload {
                try FileManager.default.createDirectory(
                    atPath: scratch.string, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            }
            let path = scratch.appending("\(arguments.export).sqlite")
            let making = ExportJob(job: job, export: arguments.export, files: files, path: path)
            // Whatever is left is written over by the next attempt.
            defer { try? FileManager.default.removeItem(atPath: path.string) }
            for _ in 0..<3 {
                if try await making.make() { return }
            }
            throw Restless()
        }
    }

    /// - Returns: false when deletions came between: what was written is of no moment at all.
    private func make() async throws -> Bool {
        guard let subject = try await job.first(Self.begin, OnlyID(id: export)) else { return true }
        let path = path
        let file = try await Self.offload { try SQLiteFile(path) }
        try await Self.offload { try file.run(ExportLayout.begin) }
        try await write(subject, to: file)
        let orphans = try await Self.offload {
            try file.run(ExportLayout.end)
            let found = try file.run("SELECT \"table\" FROM pragma_foreign_key_check WHERE ?1 = ''", with: "")
            try file.close()
            return found
        }
        if let orphans {
            // Something may have gone on the way; otherwise it is our fault.
            guard try await job.first(Self.begin, OnlyID(id: export))?.deletions == subject.deletions else { return false }
            throw Incoherent(table: orphans)
        }
        let bytes = try await Self.offload { FileBytes(file: try ReadableFile(path)) }
        let stored = try await files.receive(bytes, in: job.tenant, as: Expectation(limit: .max))
        return try await job.first(Self.finish, Finish(export: export, deletions: subject.deletions, file: stored))?.finished ?? true
    }

    private func write(_ subject: Subject, to file: SQLiteFile) async throws {
        var written = 0
        if let dataset = subject.dataset_id {
            var after: String?
            while true {
                let roots = Roots(dataset: dataset, after: after, most: Self.longestList)
                let keys = try Self.roots.rows(try await job.run([job.call(Self.roots, roots)])[0]).map(\.key)
                for key in keys { written = try await write(subject, from: key, before: key + "ffffffffffff", after: written, to: file) }
                guard keys.count == Self.longestList, let last = keys.last else { break }
                after = last
            }
        } else {
            written = try await write(subject, from: "", before: nil, after: 0, to: file)
        }
        let frame = try await job.run([job.call(Self.frame, subject), job.call(Self.progress, progress(subject, written))])[0]
        try await insert(Self.frame.rows(frame), into: file)
    }

    /// One range of places, batch by batch.
    /// - Returns: how many elements have been written in all.
    private func write(_ subject: Subject, from first: String, before end: String?, after written: Int, to file: SQLiteFile) async throws
        -> Int
    {
        var written = written
        var next: String? = first
        while let from = next {
            let range = Places(corpus: subject.corpus_id, dataset: subject.dataset_id, from: from, before: end, most: Self.batch)
            let rows = try await job.run([job.call(Self.elements, range), job.call(Self.progress, progress(subject, written))])[0]
            let pieces = try Self.elements.rows(rows)
            next = pieces.first { $0.item == "next" }?.content.map { $0.trimming("\"") }.flatMap { $0 == "null" ? nil : $0 }
            written += pieces.first { $0.item == "count" }?.content.flatMap { Int($0) } ?? 0
            try await insert(pieces, into: file)
        }
        return written
    }

    private func insert(_ pieces: [Piece], into file: SQLiteFile) async throws {
        try await Self.offload {
            try file.run("BEGIN")
            for piece in pieces {
                guard let content = piece.content else { continue }
                for statement in ExportLayout.inserts(into: piece.item) { try file.run(statement, with: content) }
            }
            try file.run("COMMIT")
        }
    }

    private func progress(_ subject: Subject, _ written: Int) -> Progress {
        Progress(job: job.id, done: written, total: subject.total)
    }

    static func offload<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await NIOThreadPool.singleton.runIfActive(body)
    }
}

/// A file's bytes, piece by piece.
private struct FileBytes: AsyncSequence, Sendable {
    let file: ReadableFile

    struct AsyncIterator: AsyncIteratorProtocol {
        let file: ReadableFile
        var offset = 0

        mutating func next() async throws -> ByteBuffer? {
            let (file, place) = (file, offset)
            let piece = try await ExportJob.offload { try file.read(at: place, upTo: 1 << 20) }
            offset += piece.readableBytes
            return piece.readableBytes > 0 ? piece : nil
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(file: file) }
}

extension String {
    fileprivate func trimming(_ unwanted: Character) -> String {
        String(drop { $0 == unwanted }.reversed().drop { $0 == unwanted }.reversed())
    }
}
