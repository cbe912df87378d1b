import Foundation
import Shapes
import Web

/// What a configuration is called, in lists and in the summaries of runs.
struct ConfigurationName: Leaf {
    let value: String
    static let shape = Shape.string(.init(minimum: 1, maximum: 250))
    static let sample = ConfigurationName(value: "a")
    init(value: String) { self.value = value }

    /// As it is kept: in NFC, so that what looks the same is the same, and without white space around it.
    var spelled: String { value.precomposedStringWithCanonicalMapping.trimmed }

    /// What is wrong with a name that has the right length: it cannot be read, or makes what stands beside it unreadable.
    var faults: [Fault] {
        if spelled.isEmpty { return [Fault(path: ["name"], code: "blank", detail: "This field may not be blank.")] }
        guard spelled.unicodeScalars.contains(where: \.isInvisible) else { return [] }
        return [
            Fault(
                path: ["name"], code: "invisible_character",
                detail: "May not hold control characters, invisible ones, or such that turn the direction of writing.")
        ]
    }
}

extension Unicode.Scalar {
    /// Joiners are no such characters: Persian and the languages of India need them.
    fileprivate var isInvisible: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: true
        case .format: self != "\u{200C}" && self != "\u{200D}"
        default: false
        }
    }
}
