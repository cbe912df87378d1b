/// What a listener hears.
public enum Notification: Sendable, Hashable {
    case received(channel: String, payload: String)
    /// The listener has (re)connected: notifications may have been missed.
    case reconnected
}
