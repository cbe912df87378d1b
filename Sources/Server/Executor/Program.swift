import AsyncAlgorithms
import Glibc
import Jobs
import Logging
import Processes
import ServiceLifecycle
import Subprocess

/// A running program, with all that it starts.
struct Program {
    typealias Execution = Subprocess.Execution<FileDescriptorInput, SequenceOutput, CombinedErrorOutput>

    let execution: Execution
    let report: Report
    let bell: Bell
    let logger: Logger

    /// What made it end.
    enum Ending {
        case byItself, stopped, leaseLost
        /// Who runs it is shutting down.
        case interrupted
    }

    /// Stays with the program until neither it nor anything that it started is left.
    func attend() async -> Ending {
        await withTaskGroup(of: Ending.self) { group in
            group.addTask { await watch() }
            await transcribe()
            await outlast()
            killAll()
            group.cancelAll()
            return await group.next() ?? .byItself
        }
    }

    // MARK: The lease

    /// Keeps the lease, and ends the program when it is time. At each hint too: it may be that the process was stopped.
    private func watch() async -> Ending {
        let timer = AsyncTimerSequence(interval: report.interval, clock: .continuous).map { _ in }
        for await _ in merge(timer, bell.rings).cancelOnGracefulShutdown() {
            switch await report.renew() {
            case .proceed: continue
            case .stop: return await end(.stopped, grace: .seconds(10))
            case .leaseLost: return await end(.leaseLost, grace: .zero)
            }
        }
        return Task.isCancelled ? .byItself : await end(.interrupted, grace: .seconds(5))
    }

    private func end(_ ending: Ending, grace: Duration) async -> Ending {
        let signal: Signal = grace > .zero ? .terminate : .kill
        await execution.teardown(using: [.send(signal: signal, toProcessGroup: true, allowedDurationToNextStep: grace)])
        return ending
    }

    // MARK: The output

    /// Until the program has ended, or closed its output.
    private func transcribe() async {
        let transcript = Transcript()
        let (ended, end) = AsyncStream.makeStream(of: Void.self)
        async let sent: Void = transcript.send(to: report, until: ended)
        do {
            for try await piece in execution.standardOutput {
                await transcript.append(piece.withUnsafeBytes { Array($0) })
                // What it left behind may print for ever.
                if hasExited { killAll() }
                // Whoever prints more than can be stored has to wait.
                while await transcript.isFull { try await Task.sleep(for: .milliseconds(100)) }
            }
        } catch {
            logger.warning("A program's output could not be read to its end.", metadata: ["reason": "\(error)"])
        }
        end.yield()
        await sent
    }

    // MARK: The processes

    /// Waits for a program that has closed its output, which most do by ending a moment later.
    private func outlast() async {
        var pause = Duration.milliseconds(1)
        while !hasExited, (try? await Task.sleep(for: pause)) != nil { pause = min(pause * 2, .seconds(1)) }
    }

    /// Without collecting it, so that its number, the group's, is nobody else's yet.
    private var hasExited: Bool {
        var info = siginfo_t()
        let result = waitid(P_PID, id_t(execution.processIdentifier.value), &info, WEXITED | WNOHANG | WNOWAIT)
        return result != 0 || info.si_signo != 0
    }

    private func killAll() {
        // Fails where nobody is left.
        _ = kill(-execution.processIdentifier.value, SIGKILL)
    }
}
