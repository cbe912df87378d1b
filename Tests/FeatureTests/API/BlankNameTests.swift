import Shapes
import Testing

@testable import Server

/// What people call things can be read: a name is more than white space, and is kept without what is around it.
@Suite struct BlankNameTests {
    /// With a tab, and with white space that is not in ASCII.
    @Test(arguments: [" \t ", "\u{a0}\u{2003}\u{3000}"]) func aNameOfBlanksIsRefused(_ text: String) async throws {
        let blank = JSONValue.string(text)
        try await Tester.with(.enterprise) { tester in
            let scenario = try await Scenario(tester, pages: 1)
            let element: JSONValue = ["type": "page", "corpus": .string(scenario.corpus), "name": blank]
            let zone: JSONValue = ["name": blank, "type": "page", "polygon": [[0, 0], [9, 0], [9, 9]]]
            let run = try await tester.post("/api/v1/user/worker-runs/", ["summary": "By hand"]).created()
            let type: JSONValue = ["slug": "box", "display_name": blank, "corpus": .string(scenario.corpus)]
            let corpus = "/api/v1/corpus/\(scenario.corpus)"
            let answers = [
                try await tester.post("/api/v1/corpus/", ["name": blank]),
                try await tester.patch("\(corpus)/", ["name": blank]),
                try await tester.post("/api/v1/elements/create/", element),
                try await tester.patch("/api/v1/element/\(scenario.pages[0])/", ["name": blank]),
                try await tester.post(
                    "/api/v1/element/\(scenario.pages[0])/children/bulk/", ["worker_run_id": .string(run), "elements": [zone]]),
                try await tester.post("/api/v1/elements/type/", type),
                try await tester.post("\(corpus)/classes/", ["name": blank]),
                try await tester.post("\(corpus)/datasets/", ["name": blank, "description": "", "set_names": ["train"]]),
                try await tester.post("/api/v1/groups/", ["name": blank]),
                try await tester.post("/api/v1/workers/", ["name": blank, "slug": "blank", "type": "reader"]),
                try await tester.patch("/api/v1/workers/\(scenario.worker)/", ["name": blank]),
                try await tester.post("/api/v1/models/", ["name": blank]),
                try await tester.post("/api/v1/process/corpus/", ["corpus": .string(scenario.corpus), "name": blank]),
                try await tester.patch("/api/v1/process/\(try await scenario.emptyProcess())/", ["name": blank]),
            ]
            for (index, answer) in answers.enumerated() {
                #expect(answer.status == 400 && answer.codes == ["blank"], "\(index): \(answer)")
            }
        }
    }

    @Test func aNameIsKeptWithoutTheBlanksAroundIt() async throws {
        try await Tester.with(.enterprise) { tester in
            let corpus = try await tester.post("/api/v1/corpus/", ["name": "  Registers\n"]).expect(201)
            #expect(corpus["name"] == "Registers")
            let body: JSONValue = ["type": "folder", "corpus": corpus["id"] ?? .null, "name": " Box 1 "]
            let element = try await tester.post("/api/v1/elements/create/", body).created()
            #expect(try await tester.get("/api/v1/element/\(element)/").expect()["name"] == "Box 1")
            #expect(try await tester.patch("/api/v1/element/\(element)/", ["name": "\u{2003}\tBox 2\u{3000}"]).expect()["name"] == "Box 2")
            #expect(try await tester.post("/api/v1/groups/", ["name": " Readers "]).expect(201)["name"] == "Readers")
            let process = try await tester.post("/api/v1/process/corpus/", ["corpus": corpus["id"] ?? .null]).created()
            #expect(try await tester.patch("/api/v1/process/\(process)/", ["name": " Hands\n"]).expect()["name"] == "Hands")
        }
    }
}
