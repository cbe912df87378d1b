import FoundationEssentials
import Processes
import SystemPackage
import Testing

@testable import Server

@Suite struct WordsTests {
    @Test(arguments: [
        ("worker-kraken --dev", ["worker-kraken", "--dev"]),
        ("  a\tb\r\nc ", ["a", "b", "c"]),
        (#"'one word' "two $HOME" th'r'e"e""#, ["one word", "two $HOME", "three"]),
        ("a ; b | c > d # e $(f) `g` ~ *", ["a", ";", "b", "|", "c", ">", "d", "#", "e", "$(f)", "`g`", "~", "*"]),
        ("'' \"\"", ["", ""]),
        (#"a\ b \'c \\ \d"#, ["a b", "'c", #"\"#, "d"]),
        (#"'\n' "\n" "\"\\\$\`""#, [#"\n"#, #"\n"#, #""\$`"#]),
        ("a \\\n b \"c\\\nd\"", ["a", "b", "cd"]),
        ("e\u{301} 'ñ\r\n'", ["e\u{301}", "ñ\r\n"]),
    ])
    func commandsAreSplit(command: String, words: [String]) throws {
        #expect(try Words(of: command).all == words)
    }

    @Test(arguments: [
        ("", Words.Fault.empty), (" \n", .empty), ("a 'b", .unbalanced("'")), (#"a "b\""#, .unbalanced("\"")), (#"a\"#, .trailingBackslash),
    ])
    func aCommandThatCannotBeSplitSaysWhy(command: String, fault: Words.Fault) {
        #expect(throws: fault) { try Words(of: command) }
    }
}

@Suite struct LaunchTests {
    private static let workspace = Workspace(directory: "/data/tasks/7-1", owner: nil)

    private static func launch(_ command: String?) throws -> Launch {
        var task = try JSONDecoder().decode(
            ClaimedTask.self,
            from: Data(
                """
                {"id": "00000000-0000-0000-0000-000000000001", "worker_run_id": "00000000-0000-0000-0000-000000000002",
                "process_id": "00000000-0000-0000-0000-000000000003", "attempt": 1, "token": "t", "use_gpu": false,
                "environment": {"ARKINDEX_TASK_TOKEN": "t", "HOME": "/root"}}
                """.utf8))
        task.command = command
        return try Launch(task, in: workspace, server: "http://127.0.0.1:8000", path: "/usr/bin")
    }

    @Test func theEnvironmentIsTheTasksAndWhereItRuns() throws {
        #expect(
            try Self.launch("true").environment == [
                "ARKINDEX_TASK_TOKEN": "t", "ARKINDEX_API_URL": "http://127.0.0.1:8000", "PONOS_DATA": "/data/tasks/7-1",
                "HOME": "/data/tasks/7-1", "TMPDIR": "/data/tasks/7-1/tmp", "PATH": "/usr/bin", "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1",
            ])
    }

    @Test func aTaskWithoutACommandIsNotStarted() {
        #expect(throws: Words.Fault.empty) { try Self.launch(nil) }
    }
}

@Suite struct TranscriptTests {
    @Test(arguments: ["é", "€", "😀"])
    func charactersAreKeptTogether(character: String) async {
        let transcript = Transcript()
        var taken: [String] = []
        for byte in "a\(character)b".utf8 {
            await transcript.append([byte])
            taken.append(await transcript.take(all: false))
        }
        #expect(taken.filter { !$0.isEmpty } == ["a", character, "b"])
    }

    @Test func whatIsNotUTF8IsReplaced() async {
        let transcript = Transcript()
        await transcript.append([0x61, 0xFF, 0x62, 0xC3])
        #expect(await transcript.take(all: false) == "a\u{FFFD}b")
        #expect(await transcript.take(all: true) == "\u{FFFD}")
    }

    @Test func whoeverPrintsTooMuchHasToWait() async {
        let transcript = Transcript()
        await transcript.append(repeatElement(0x61, count: 1_000_000))
        #expect(await transcript.isFull)
        _ = await transcript.take(all: false)
        #expect(await !transcript.isFull)
    }
}

@Suite struct WorkspaceTests {
    @Test func itIsClosedToOthersAndGoesWithAllThatIsInIt() async throws {
        let root = FilePath("/tmp").appending("palimpsest-workspace-\(UUID().uuidString)")
        let workspace = Workspace(directory: root.appending("tasks/7-1"), owner: nil)
        try workspace.make()
        #expect(try FileManager.default.attributesOfItem(atPath: workspace.current.string)[.posixPermissions] as? Int == 0o700)
        try Data("x".utf8).write(to: URL(filePath: workspace.current.appending("left").string))
        try await workspace.remove()
        #expect(try FileManager.default.contentsOfDirectory(atPath: root.appending("tasks").string).isEmpty)
        try FileManager.default.removeItem(atPath: root.string)
    }
}
