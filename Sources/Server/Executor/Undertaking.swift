import Jobs
import Logging
import Processes
import Subprocess
import Tenancy

/// One attempt at a task, from its directory to its end.
struct Undertaking {
    let task: ClaimedTask
    let workspace: Workspace
    let report: Report
    let surroundings: Surroundings
    let logger: Logger

    /// What all attempts share.
    struct Surroundings: Sendable {
        /// What we are, for people: the server itself, or an agent of it.
        let name: String
        /// Where programs reach the server.
        let server: String
        let path: String
        let bell: Bell
    }

    /// Never fails: what goes wrong is in the task's log, or in ours when it concerns the server.
    func run() async {
        do {
            try workspace.make()
            await start()
        } catch {
            logger.error("No directory could be made for a task.", metadata: ["reason": "\(error)"])
            await report.note("The \(surroundings.name) could not make a directory for this task.")
            await report.end(exitCode: nil)
        }
        await cleanUp()
    }

    private func start() async {
        do {
            let launch = try Launch(task, in: workspace, server: surroundings.server, path: surroundings.path)
            let lifeline = try Lifeline()
            defer { lifeline.cut() }
            let result = try await Subprocess.run(
                launch.configuration, input: .fileDescriptor(lifeline.forProgram, closeAfterSpawningProcess: false), output: .sequence,
                error: .combinedWithOutput
            ) { execution in
                await Program(execution: execution, report: report, bell: surroundings.bell, logger: logger).attend()
            }
            await conclude(result.closureResult, result.terminationStatus)
        } catch {
            // Either has a sentence for people, without the environment.
            await report.note("The command could not be started. \(error)")
            await report.end(exitCode: 127)
        }
    }

    private func conclude(_ ending: Program.Ending, _ status: TerminationStatus) async {
        switch ending {
        case .leaseLost:
            logger.warning("The lease of a task was lost, and its program killed.")
        case .interrupted:
            await report.note("The \(surroundings.name) is shutting down; the task goes back to the queue.")
            await report.giveBack()
        case .byItself, .stopped:
            await report.end(exitCode: status.code)
        }
    }

    private func cleanUp() async {
        do {
            try await workspace.remove()
        } catch {
            logger.warning("A task's directory could not be removed.", metadata: ["reason": "\(error)"])
        }
    }
}

extension TerminationStatus {
    /// As a shell has it.
    fileprivate var code: Int {
        switch self {
        case .exited(let code): Int(code)
        case .signaled(let signal): 128 + Int(signal)
        }
    }
}
