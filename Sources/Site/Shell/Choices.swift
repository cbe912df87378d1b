import Shapes

extension [JSONValue] {
    /// For a menu: each says whether it is the one that is chosen, by what it has under a name.
    func choosing(_ value: String?, by name: String) -> JSONValue {
        .array(map { $0.adding(["chosen": .boolean($0[name]?.string == value)]) })
    }

    /// The same where several may be.
    func choosing(_ values: [String], by name: String) -> JSONValue {
        .array(map { $0.adding(["chosen": .boolean(values.contains($0[name]?.string ?? ""))]) })
    }
}
