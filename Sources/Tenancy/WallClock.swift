import Glibc

/// The wall clock, for identifiers. What is stored as a time comes from the database's clock.
public enum WallClock {
    /// Since 1970.
    public static func milliseconds() -> UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return UInt64(now.tv_sec) * 1000 + UInt64(now.tv_nsec) / 1_000_000
    }
}
