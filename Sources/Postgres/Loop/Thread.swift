import CLibPQ

/// Starts a detached thread. For the loop itself, and for the few calls of libpq that block.
func startThread(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let box = Unmanaged.passRetained(ThreadBody(run: body))
    let result = pthread_create(
        &thread, nil,
        { box in
            box.map { Unmanaged<ThreadBody>.fromOpaque($0).takeRetainedValue() }?.run()
            return nil
        }, box.toOpaque())
    precondition(result == 0, "The system has no threads left.")
    pthread_detach(thread)
}

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void

    init(run: @escaping @Sendable () -> Void) {
        self.run = run
    }
}
