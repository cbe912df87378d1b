/// What readers should see, from the words of the rules alone: no sources, no lineages, no counters. A deletion is the set of what goes.
struct Reference: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        case element, transcription, classification, metadata, entity

        /// As the API counts it.
        var plural: String {
            switch self {
            case .element: "elements"
            case .transcription: "transcriptions"
            case .classification: "classifications"
            case .metadata: "metadata"
            case .entity: "transcription_entities"
            }
        }
    }

    /// What a run published between two deletions.
    struct Generation: Hashable, Sendable {
        var run: Int
        var number: Int
        /// What was deleted of it within some elements is a part of its own.
        var part = 0
    }

    struct Object: Sendable {
        var kind: Kind
        /// Nil is by hand.
        var author: Generation?
        /// A person has worked on it, or on what stands on it.
        var kept: Bool
        /// The element that it is below, or on.
        var element: String?
        /// For entities.
        var transcription: String?
        /// Whose it was, once it lost its run.
        var detachedFrom: Int?
    }

    struct Taken: Sendable {
        enum State: Sendable { case hidden, restored, purging, purged }
        var id: String
        /// Nil where somebody deleted elements.
        var run: Int?
        /// What it was limited to.
        var tops: [String]?
        var keeps: Bool
        var generations: Set<Generation>
        var goes: Set<String>
        var state = State.hidden
    }

    var objects: [String: Object] = [:]
    var links: Set<[String]> = []
    var deletions: [Taken] = []
    /// The runs that are a person's own: what they sign is work by hand.
    var personal: Set<Int> = []
    private var generations: [Generation] = []
    private var purged: Set<Generation> = []
    /// What each run publishes into at the moment.
    private(set) var open: [Int: Generation] = [:]

    // MARK: What is seen

    var hidden: Set<String> {
        deletions.filter { $0.state == .hidden || $0.state == .purging }.reduce(into: []) { $0.formUnion($1.goes) }
    }

    func seen(_ kinds: Kind...) -> [String] {
        let hidden = hidden
        return objects.filter { kinds.contains($0.value.kind) && !hidden.contains($0.key) }.keys.sorted()
    }

    /// One line for each object that is seen, and for each that is below another.
    var picture: [String] {
        let hidden = hidden
        let hiding = hiddenGenerations
        let seen = objects.filter { !hidden.contains($0.key) }
        let lines = seen.map { id, object in
            let author = object.author.flatMap { hiding.contains($0) ? nil : $0.run }
            let detached = author == nil ? object.author?.run ?? object.detachedFrom : nil
            return "\(object.kind) \(id) \(author.map(String.init) ?? "-") \(detached.map(String.init) ?? "-")"
        }
        let places = seen.compactMap { id, object in object.kind == .element ? object.element.map { "\(id) below \($0)" } : nil }
        return Set(lines + places + links.filter { seen[$0[0]] != nil && seen[$0[1]] != nil }.map { "\($0[0]) below \($0[1])" }).sorted()
    }

    /// Each element that is seen with each parent that is.
    var places: [(child: String, parent: String)] {
        let seen = Set(seen(.element))
        let homes = seen.compactMap { id in objects[id]?.element.map { (id, $0) } }
        return (homes + links.map { ($0[0], $0[1]) }).filter { seen.contains($0.0) && seen.contains($0.1) }.sorted { $0 < $1 }
    }

    private var hiddenGenerations: Set<Generation> {
        deletions.filter { $0.state == .hidden || $0.state == .purging }.reduce(into: []) { $0.formUnion($1.generations) }
    }

    // MARK: What people and runs do

    /// The generation that a run signs with; a new one after a deletion.
    mutating func claim(_ run: Int) -> Generation {
        if let generation = open[run] { return generation }
        let next = Generation(run: run, number: 1 + (generations.filter { $0.run == run }.map(\.number).max() ?? 0))
        generations.append(next)
        open[run] = next
        return next
    }

    mutating func add(_ id: String, _ kind: Kind, by run: Int?, on element: String?, in transcription: String? = nil) {
        let byPerson = run.map(personal.contains) ?? true
        if byPerson { keep(element) }
        if byPerson, let transcription { objects[transcription]?.kept = true }
        let author = run.map { claim($0) }
        objects[id] = Object(kind: kind, author: author, kept: run == nil, element: element, transcription: transcription)
    }

    /// A person worked on it.
    mutating func touch(_ id: String) {
        keep(objects[id]?.kind == .element ? id : objects[id]?.element)
        if let transcription = objects[id]?.transcription { objects[transcription]?.kept = true }
        objects[id]?.kept = true
    }

    private mutating func keep(_ element: String?) {
        var next = element
        while let id = next, objects[id]?.kept == false {
            objects[id]?.kept = true
            next = objects[id]?.element
        }
    }

    mutating func remove(_ id: String) {
        objects[id] = nil
        for entity in objects.filter({ $0.value.transcription == id }).keys { objects[entity] = nil }
    }

    mutating func link(_ child: String, below parent: String) {
        // The first parent of something at the top level becomes its home.
        if objects[child]?.element == nil { objects[child]?.element = parent } else { links.insert([child, parent]) }
        keep(child)
        keep(parent)
    }

    /// - Parameter home: where it is at home afterwards, if that changes.
    mutating func unlink(_ child: String, from parent: String, home: String?) {
        if objects[child]?.element == parent {
            objects[child]?.element = home
            home.map { _ = links.remove([child, $0]) }
        } else {
            links.remove([child, parent])
        }
        keep(child)
    }

    mutating func move(_ child: String, below parent: String, by run: Int?) {
        objects[child]?.element = parent
        if run.map(personal.contains) ?? true { keep(child) } else if objects[child]?.kept == false, !isPersonal(child) { return }
        keep(parent)
    }

    // MARK: Deletions

    /// The generations of a run that are neither hidden nor gone.
    func generations(of run: Int) -> Set<Generation> {
        Set(generations.filter { $0.run == run }).subtracting(hiddenGenerations).subtracting(purged)
    }

    /// Makes what these generations hold within some elements parts of them, and gives the parts.
    mutating func split(_ chosen: Set<Generation>, within tops: [String]) -> Set<Generation> {
        let inside = within(tops)
        let taken = objects.filter { id, object in
            object.author.map(chosen.contains) == true && (object.kind == .element ? id : object.element).map(inside.contains) == true
        }
        guard !taken.isEmpty else { return [] }
        var parts: [Generation: Generation] = [:]
        for whole in chosen {
            let last = generations.filter { $0.run == whole.run && $0.number == whole.number }.map(\.part).max() ?? 0
            let part = Generation(run: whole.run, number: whole.number, part: last + 1)
            parts[whole] = part
            generations.append(part)
        }
        for (id, object) in taken { objects[id]?.author = object.author.flatMap { parts[$0] } }
        return Set(parts.values)
    }

    /// What is seen below these elements, and what is at home below that.
    private func within(_ tops: [String]) -> Set<String> {
        let seen = Set(seen(.element))
        var inside = Set(tops)
        var next = tops
        while let element = next.popLast() {
            let homes = objects.filter { $0.value.kind == .element && $0.value.element == element }.map(\.key)
            let linked = links.filter { $0[1] == element && seen.isSuperset(of: $0) }.map { $0[0] }
            for child in homes + linked where inside.insert(child).inserted { next.append(child) }
        }
        return inside
    }

    func hasResults(_ chosen: Set<Generation>) -> Bool {
        let hidden = hidden
        return objects.contains { id, object in object.author.map(chosen.contains) == true && !hidden.contains(id) }
    }

    /// What goes: what they made, and what stands on or below it, but for work by hand if that is kept.
    func whatGoes(_ chosen: Set<Generation>, keeps: Bool) -> Set<String> {
        func own(_ id: String) -> Bool { objects[id]?.author.map(chosen.contains) == true }
        func stays(_ id: String) -> Bool { keeps && !own(id) && isPersonal(id) || keeps && objects[id]?.kept == true }
        var goes = Set(objects.keys.filter { id in objects[id]?.kind == .element && isBelow(id, own) && !stays(id) })
        goes.formUnion(standing(on: goes))
        for (id, object) in objects where object.kind != .element && own(id) && !stays(id) { goes.insert(id) }
        return goes.union(objects.filter { $0.value.transcription.map(goes.contains) == true }.keys)
    }

    private func standing(on elements: Set<String>) -> Dictionary<String, Object>.Keys {
        objects.filter { $0.value.kind != .element && $0.value.element.map(elements.contains) == true }.keys
    }

    /// Whether it is signed with a person's own run.
    private func isPersonal(_ id: String) -> Bool {
        objects[id]?.author.map { personal.contains($0.run) } == true
    }

    private func isBelow(_ element: String, _ condition: (String) -> Bool) -> Bool {
        var next: String? = element
        while let id = next {
            if condition(id) { return true }
            next = objects[id]?.element
        }
        return false
    }

    /// The numbers of a preview, by kind.
    func preview(_ chosen: Set<Generation>, keeps: Bool) -> (results: [String: Int], manual: [String: Int], others: [String: Int]) {
        let hidden = hidden
        let goes = whatGoes(chosen, keeps: keeps)
        var numbers: (results: [String: Int], manual: [String: Int], others: [String: Int]) = ([:], [:], [:])
        func own(_ id: String?) -> Bool { id.flatMap { objects[$0]?.author }.map(chosen.contains) == true }
        for (id, object) in objects where !hidden.contains(id) {
            let stands = object.kind == .element ? isBelow(id, own) : object.element.map { isBelow($0, own) } == true
            if object.kept || (isPersonal(id) && !own(id)) {
                if own(id) || stands || own(object.transcription) { numbers.manual[object.kind.plural, default: 0] += 1 }
            } else if own(id) {
                numbers.results[object.kind.plural, default: 0] += 1
            } else if goes.contains(id) {
                numbers.others[object.kind.plural, default: 0] += 1
            }
        }
        return numbers
    }

    mutating func delete(_ id: String, _ run: Int, _ chosen: Set<Generation>, within tops: [String]? = nil, keeps: Bool) {
        deletions.append(Taken(id: id, run: run, tops: tops, keeps: keeps, generations: chosen, goes: whatGoes(chosen, keeps: keeps)))
        open[run] = nil
    }

    /// Somebody deletes an element with all that is at home below it.
    mutating func erase(_ id: String, _ top: String) {
        let goes = Set(objects.keys.filter { objects[$0]?.kind == .element && isBelow($0) { $0 == top } })
        deletions.append(Taken(id: id, run: nil, keeps: false, generations: [], goes: goes.union(standing(on: goes))))
    }

    /// Whether the run has published after what this deletion took.
    func isRepublished(_ deletion: Taken) -> Bool {
        let last = deletion.generations.map(\.number).max() ?? 0
        return objects.values.contains { $0.author.map { $0.run == deletion.run && $0.number > last } == true }
    }

    mutating func purge(_ index: Int) {
        let deletion = deletions[index]
        deletions[index].state = .purged
        purged.formUnion(deletion.generations)
        for id in deletion.goes { objects[id] = nil }
        for (id, object) in objects where object.author.map(deletion.generations.contains) == true {
            objects[id]?.author = nil
            objects[id]?.detachedFrom = deletion.run
        }
        links = links.filter { objects[$0[0]] != nil && objects[$0[1]] != nil }
        for other in deletions.indices { deletions[other].goes.formIntersection(objects.keys) }
    }
}
