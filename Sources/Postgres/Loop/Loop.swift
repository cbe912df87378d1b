import CLibPQ
import Synchronization

/// The one thread that serves every database connection, as the executor of their actors and, if asked, of the tasks that call them.
///
/// A task that makes several segments one after the other saves a change of threads for each of them:
///
///     try await withTaskExecutorPreference(pool.loop) { … }
///
/// Nothing slow belongs on it: while it renders a page, no connection is served.
///
/// It lives as long as the process: an executor that ended would strand the jobs still to come.
// @unchecked: `own` is touched on the loop's own thread only; the rest is constant, atomic or behind the mutex.
public final class Loop: SerialExecutor, TaskExecutor, @unchecked Sendable {
    public static let shared = Loop()

    private let epoll: Int32
    private let wakeup: Int32
    private let thread = Atomic<UInt>(0)
    private let inbox = Locked(Inbox())
    private var own = Own()

    private init() {
        epoll = clibpq_epoll_create()
        wakeup = clibpq_eventfd_create()
        precondition(epoll >= 0 && wakeup >= 0, "The system has no file descriptors left.")
        _ = clibpq_epoll_watch(epoll, wakeup, false, false)
        startThread { self.run() }
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        add(.job(UnownedJob(job)))
    }

    public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    public func checkIsolated() {
        precondition(isCurrent, "This runs on the loop only.")
    }

    public func isIsolatingCurrentContext() -> Bool? { isCurrent }

    private var isCurrent: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }
}

// MARK: - Work

extension Loop {
    private enum Work: Sendable {
        case job(UnownedJob)
        case action(@Sendable () -> Void)
    }

    /// What other threads hand in.
    private struct Inbox {
        var work: [Work] = []
        /// Whether the thread waits, or is about to, and has to be woken.
        var sleeps = false
    }

    /// What only the thread itself touches.
    private struct Own {
        var work: [Work] = []
        var watchers: [Int32: (watcher: any LoopWatcher, write: Bool)] = [:]
        var timers = TimerHeap<ContinuousClock.Instant>()
        var actions: [Int: @Sendable () -> Void] = [:]
        var lastTimer = 0
    }

    /// Runs `action` on the loop's thread, soon. From any thread.
    func execute(_ action: @escaping @Sendable () -> Void) {
        add(.action(action))
    }

    private func add(_ work: Work) {
        guard !isCurrent else { return own.work.append(work) }
        let mustWake = inbox.withLock { inbox in
            inbox.work.append(work)
            defer { inbox.sleeps = false }
            return inbox.sleeps
        }
        if mustWake { _ = eventfd_write(wakeup, 1) }
    }

    private func run() {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        while true {
            runWork()
            waitForEvents()
            runTimers()
        }
    }

    /// Work added meanwhile has to wait until the sockets have had their turn.
    private func runWork() {
        var batch: [Work] = []
        swap(&batch, &own.work)
        inbox.withLock { inbox in
            batch += inbox.work
            inbox.sleeps = false
            inbox.work.removeAll(keepingCapacity: true)
        }
        for work in batch {
            switch work {
            case .action(let action): action()
            case .job(let job): job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
            }
        }
    }
}

// MARK: - Sockets and timers, on the loop's thread only

/// Gets told when its socket can be read or written.
protocol LoopWatcher: AnyObject, Sendable {
    func ready()
}

extension Loop {
    /// Reports when `descriptor` can be read, and, if asked, written, again and again until ``forget(_:)``.
    func watch(_ descriptor: Int32, write: Bool, _ watcher: any LoopWatcher) {
        own.watchers[descriptor] = (watcher, write)
        _ = clibpq_epoll_watch(epoll, descriptor, write, true)
    }

    /// Stops reporting to `watcher`. The descriptor may have been closed, and its number given to another, by now.
    func forget(_ descriptor: Int32, _ watcher: any LoopWatcher) {
        guard own.watchers[descriptor]?.watcher === watcher else { return }
        own.watchers[descriptor] = nil
        _ = clibpq_epoll_forget(epoll, descriptor)
    }

    /// Runs `action` once after `delay`.
    @discardableResult
    func schedule(after delay: Duration, _ action: @escaping @Sendable () -> Void) -> Int {
        own.lastTimer += 1
        own.actions[own.lastTimer] = action
        own.timers.insert(own.lastTimer, at: .now + delay)
        return own.lastTimer
    }

    func unschedule(_ timer: Int) {
        own.actions[timer] = nil
    }

    private func runTimers() {
        guard own.timers.earliest != nil else { return }
        let now = ContinuousClock.now
        while let timer = own.timers.popDue(now) { own.actions.removeValue(forKey: timer)?() }
    }

    private func waitForEvents() {
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: 64) { ready in
            let count = clibpq_epoll_wait(epoll, ready.baseAddress, patience())
            for index in 0..<max(0, Int(count)) { dispatch(ready[index]) }
        }
    }

    private func dispatch(_ descriptor: Int32) {
        if descriptor == wakeup {
            var count: eventfd_t = 0
            _ = eventfd_read(wakeup, &count)
        } else if let (watcher, _) = own.watchers[descriptor] {
            watcher.ready()
            if let (still, write) = own.watchers[descriptor], still === watcher {
                _ = clibpq_epoll_watch(epoll, descriptor, write, true)
            }
        }
    }

    /// How long to wait, in milliseconds; -1 for ever.
    private func patience() -> Int32 {
        let hasWork = inbox.withLock { inbox in
            inbox.sleeps = own.work.isEmpty && inbox.work.isEmpty
            return !inbox.sleeps
        }
        if hasWork { return 0 }
        return own.timers.earliest.map { milliseconds(ContinuousClock.now.duration(to: $0)) } ?? -1
    }
}

/// Rounded up, and as far as an `Int32` goes.
func milliseconds(_ duration: Duration) -> Int32 {
    let (seconds, attoseconds) = duration.components
    guard seconds < 1_000_000 else { return 1_000_000_000 }
    return max(0, Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000))
}
