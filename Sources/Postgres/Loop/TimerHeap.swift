/// Deadlines, the earliest first. A binary heap.
struct TimerHeap<Instant: Comparable> {
    private var items: [(deadline: Instant, id: Int)] = []

    var earliest: Instant? { items.first?.deadline }

    mutating func insert(_ id: Int, at deadline: Instant) {
        items.append((deadline, id))
        var child = items.count - 1
        while child > 0, items[child].deadline < items[(child - 1) / 2].deadline {
            items.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// The timer that is due first, if one is.
    mutating func popDue(_ now: Instant) -> Int? {
        guard let first = items.first, first.deadline <= now else { return nil }
        items.swapAt(0, items.count - 1)
        items.removeLast()
        sink()
        return first.id
    }

    private mutating func sink() {
        var parent = 0
        while true {
            let children = (2 * parent + 1)..<min(2 * parent + 3, max(items.count, 2 * parent + 1))
            guard let least = children.min(by: { items[$0].deadline < items[$1].deadline }) else { return }
            guard items[least].deadline < items[parent].deadline else { return }
            items.swapAt(least, parent)
            parent = least
        }
    }
}
