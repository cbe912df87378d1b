import Shapes
import Yams

/// A worker configuration file: what a worker is called and which fields its version has.
struct WorkerFile: Sendable {
    var slug: String
    var displayName: String
    var type: String
    var description: String
    var gpuUsage: String
    var modelUsage: String
    var command: String?
    var shmSize: String?
    var fields: [Field]

    /// Reads the YAML text of a file.
    /// - Throws: ``ConfigurationFaults`` with every fault at once; paths are those of the file.
    init(yaml: String) throws {
        var check = FileCheck()
        guard let document = try? Yams.compose(yaml: yaml), let file = JSONValue(document), case .object(let members) = file else {
            throw ConfigurationFaults(faults: [Fault(path: [], code: "invalid", detail: "Must be a YAML mapping.")])
        }
        check.unknownKeys(
            in: members,
            known: ["slug", "display_name", "type", "description", "gpu_usage", "model_usage", "docker", "configuration"], at: [])
        slug = check.text("slug", of: members, at: [], maximum: 100)
        if !slug.isEmpty, slug.wholeMatch(of: /[-a-zA-Z0-9_]{1,100}/) == nil {
            check.fail("invalid", "Must consist of letters, digits, hyphens and underscores.", [.key("slug")])
        }
        displayName = check.text("display_name", of: members, at: [], maximum: 100)
        type = check.text("type", of: members, at: [], maximum: 100)
        description = check.text("description", of: members, at: [], maximum: nil)
        gpuUsage = check.usage("gpu_usage", of: members)
        modelUsage = check.usage("model_usage", of: members)
        (command, shmSize) = check.docker(members["docker"])
        fields = check.fields(members["configuration"], at: [.key("configuration")], inGroup: false)
        if !check.faults.isEmpty { throw ConfigurationFaults(faults: check.faults) }
    }
}

extension JSONValue {
    /// The value of a YAML node by YAML 1.2's core schema; nil for what JSON cannot say.
    init?(_ node: Node) {
        switch node {
        case .scalar(let scalar): self = JSONValue(scalar, node)
        case .sequence(let sequence): self = .array(sequence.compactMap(JSONValue.init))
        case .mapping(let mapping):
            var members: [String: JSONValue] = [:]
            for (key, value) in mapping {
                guard let name = key.string, let value = JSONValue(value) else { return nil }
                members[name] = value
            }
            self = .object(members)
        case .alias: return nil
        }
    }

    private init(_ scalar: Node.Scalar, _ node: Node) {
        if scalar.style == .doubleQuoted || scalar.style == .singleQuoted {
            self = .string(scalar.string)
        } else if node.null != nil {
            self = .null
        } else if let value = node.bool {
            self = .boolean(value)
        } else if let value = node.int {
            self = .integer(value)
        } else if let value = node.float {
            self = .number(value)
        } else {
            self = .string(scalar.string)
        }
    }
}
