import Shapes
import Testing

/// A corpus with an image, a folder and pages, and a worker that has been run: what most tests begin with. Everything is made by the API.
struct Scenario: Sendable {
    let tester: Tester
    let corpus: String
    let image: String
    let folder: String
    let pages: [String]
    let worker: String
    let version: String

    /// What is imported unless a test says otherwise: one field of most kinds, and a command so that the version is available.
    static let yaml = """
        slug: reader
        display_name: Reader
        type: recognizer
        description: Reads
        docker:
          command: read
        configuration:
          - {key: size, display_name: Size, type: int, default: 4}
          - {key: ratio, display_name: Ratio, type: float, default: 0.5}
          - {key: title, display_name: Title, type: string}
          - {key: languages, display_name: Languages, type: string, many: true}
          - {key: deep, display_name: Deep, type: bool, default: false}
          - {key: password, display_name: Password, type: secret}
        """

    /// - Parameter size: how many pages, all below the folder, on an image of 1,000 by 2,000 pixels.
    init(_ tester: Tester, pages size: Int = 2, yaml: String = Scenario.yaml) async throws {
        self.tester = tester
        corpus = try await tester.post("/api/v1/corpus/", ["name": "Parish"]).created()
        image = try await tester.image("page-1")
        let folder = try await tester.element(corpus, "folder", "Volume")
        self.folder = folder
        var pages: [String] = []
        for number in 0..<size {
            pages.append(try await tester.element(corpus, "page", "Page \(number)", ["parent": .string(folder), "image": .string(image)]))
        }
        self.pages = pages
        let worker = try await tester.post(
            "/api/v1/workers/", ["name": "Reader", "slug": "reader", "type": "recognizer"])
        self.worker = try worker.created()
        version = try await tester.version(of: self.worker, yaml)
    }

    /// A process over the pages of the folder, with one run of the version.
    func process(chunks: Int? = nil) async throws -> (process: String, run: String) {
        let process = try await emptyProcess()
        let run = try await tester.post("/api/v1/process/\(process)/workers/", ["worker_version_id": .string(version)]).created()
        return (process, run)
    }

    func emptyProcess(_ more: JSONValue = [:]) async throws -> String {
        let body: JSONValue = ["corpus": .string(corpus), "element": .string(folder), "element_type": "page"]
        return try await tester.post("/api/v1/process/corpus/", body.adding(more)).created()
    }

    /// A started process whose task has been claimed.
    func claimed() async throws -> Claimed {
        let (process, run) = try await process()
        return try #require(try await start(process, run).first)
    }

    /// Starts a process and claims all its tasks.
    func start(_ process: String, _ run: String, chunks: Int = 1) async throws -> [Claimed] {
        _ = try await tester.post("/api/v1/process/\(process)/start/", ["chunks": .integer(chunks)]).created()
        var tasks: [Claimed] = []
        for _ in 0..<chunks {
            let task = try await tester.post("/api/v1/agent/claim/", ["process": .string(process)]).expect()
            tasks.append(
                Claimed(
                    process: process, run: run, task: try #require(task["id"]?.string), token: try #require(task["token"]?.string)))
        }
        return tasks
    }

    /// What a task makes below an element: as many lines, each a 10 pixels high strip of the image.
    func lines(_ count: Int, below parent: String, by task: Claimed?, from first: Int = 0) async throws -> [String] {
        let elements = (first..<first + count).map { number in
            ["name": .string("\(number)"), "type": "text_line", "polygon": .rectangle(0, number * 10, 500, number * 10 + 10)] as JSONValue
        }
        let body: JSONValue = ["worker_run_id": task.map { .string($0.run) } ?? .null, "elements": .array(elements)]
        let made = try await tester.post("/api/v1/element/\(parent)/children/bulk/", body, as: task?.caller ?? .administrator)
        return try made.expect(201).list.compactMap { $0["id"]?.string }
    }

    /// - Returns: the transcription's id.
    func text(_ text: String, on element: String, by task: Claimed? = nil) async throws -> String {
        let body: JSONValue = ["text": .string(text), "confidence": .number(0.5)]
        return try await tester.post("/api/v1/element/\(element)/transcription/", body.signed(task), as: task?.caller ?? .administrator)
            .created()
    }
}

/// A task that runs.
struct Claimed: Sendable {
    let process: String
    let run: String
    let task: String
    let token: String
    var caller: Tester.Caller { .task(token) }
}

extension Tester {
    func image(_ path: String, width: Int = 1000, height: Int = 2000) async throws -> String {
        let url = "https://images.example.org/iiif/2/\(path)"
        return try await post("/api/v1/image/iiif/url/", ["url": .string(url), "width": .integer(width), "height": .integer(height)])
            .created()
    }

    func element(_ corpus: String, _ type: String, _ name: String, _ more: JSONValue = [:]) async throws -> String {
        let body: JSONValue = ["corpus": .string(corpus), "type": .string(type), "name": .string(name)]
        return try await post("/api/v1/elements/create/", body.adding(more)).created()
    }

    func version(of worker: String, _ yaml: String) async throws -> String {
        try await post("/api/v1/workers/\(worker)/versions/import/", ["yaml": .string(yaml), "docker_image_iid": "sha256:1"]).created()
    }

    /// As many clients at the same time, each with its number.
    /// - Returns: what each was answered, by its number.
    func atOnce<Result: Sendable>(_ count: Int, _ client: @Sendable @escaping (Int) async throws -> Result) async throws -> [Result] {
        try await withThrowingTaskGroup(of: (Int, Result).self) { group in
            for number in 0..<count { group.addTask { (number, try await client(number)) } }
            var results: [Int: Result] = [:]
            for try await (number, result) in group { results[number] = result }
            return (0..<count).compactMap { results[$0] }
        }
    }

    func configuration(of worker: String, _ name: String, _ values: JSONValue) async throws -> String {
        try await post("/api/v1/workers/\(worker)/configurations/", ["name": .string(name), "configuration": values]).created()
    }
}

extension JSONValue {
    static func rectangle(_ left: Int, _ top: Int, _ right: Int, _ bottom: Int) -> JSONValue {
        .array([(left, top), (right, top), (right, bottom), (left, bottom)].map { [.integer($0.0), .integer($0.1)] })
    }

    /// With the run of a task, if one made it.
    func signed(_ task: Claimed?) -> JSONValue {
        adding(task.map { ["worker_run_id": .string($0.run)] })
    }
}
