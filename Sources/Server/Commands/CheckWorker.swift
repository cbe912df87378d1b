import ArgumentParser
import Foundation
import Shapes
import Workers

struct CheckWorker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-worker",
        abstract: "Say what is wrong with worker configuration files, as ImportWorkerVersion would. Needs no database.")

    @Flag(help: "One JSON object a file, on a line of its own.") var json = false
    @Argument(help: "Files in YAML.", completion: .file()) var files: [String]

    func run() async throws {
        var areRight = true
        for file in files {
            let text: String
            do {
                text = try String(contentsOfFile: file, encoding: .utf8)
            } catch {
                complain("palimpsest: \(file) cannot be read as UTF-8 text.")
                areRight = false
                continue
            }
            let faults = Workers.faults(inFile: text)
            areRight = areRight && faults.isEmpty
            show(faults, of: file)
        }
        if !areRight { throw ExitCode(1) }
    }

    private func show(_ faults: [Fault], of file: String) {
        if json {
            let listed = faults.map { fault in
                ["attr": .array(fault.path.map(\.json)), "code": .string(fault.code), "detail": .string(fault.detail)] as JSONValue
            }
            print((["file": .string(file), "faults": .array(listed)] as JSONValue).text)
        } else {
            for fault in faults {
                let place = fault.path.map { $0.json.string ?? $0.json.text }.joined(separator: ".")
                print("\(file): \(place.isEmpty ? "" : place + ": ")\(fault.detail)")
            }
        }
    }
}

extension Fault.Step {
    fileprivate var json: JSONValue {
        switch self {
        case .key(let key): .string(key)
        case .index(let index): .integer(index)
        }
    }
}
