import Shapes
import Web

/// A worker configuration file: what a worker is called and which fields its version has.
struct WorkerFile: Sendable {
    var gpuUsage: String
    var modelUsage: String
    var command: String?
    var shmSize: String?
    var fields: [Field]

    /// Reads the YAML text of a file.
    /// - Throws: ``ConfigurationFaults`` with every fault at once; paths are those of the file.
    init(yaml: String) throws(ConfigurationFaults) {
        let file = try Self.document(yaml)
        let faults = Self.faults(in: file)
        guard faults.isEmpty else { throw ConfigurationFaults(faults: faults) }
        gpuUsage = file["gpu_usage"]?.text ?? "disabled"
        modelUsage = file["model_usage"]?.text ?? "disabled"
        command = file["docker"]?["command"]?.text
        shmSize = file["docker"]?["shm_size"]?.text
        fields = file["configuration"]?.items?.map(Field.init(checked:)) ?? []
    }

    /// What the public validator finds wrong with a file.
    static func faults(in file: Datum) -> [Fault] {
        guard case .object(let members) = file else { return [Fault(path: [], code: "invalid", detail: "Must be a mapping.")] }
        var check = FileCheck()
        check.keys(
            of: members,
            known: ["slug", "display_name", "type", "description", "gpu_usage", "model_usage", "docker", "configuration"],
            required: ["slug", "display_name", "type", "description"], at: [])
        check.slug(file["slug"], at: ["slug"])
        check.text(file["display_name"], at: ["display_name"], maximum: 100, notBlank: true)
        check.text(file["type"], at: ["type"], maximum: 100, notBlank: true)
        check.text(file["description"], at: ["description"], notBlank: true)
        for key in ["gpu_usage", "model_usage"] {
            check.choice(file[key], of: ["supported", "required", "disabled"], at: [.key(key)], optional: true)
        }
        check.docker(file["docker"])
        check.fields(file["configuration"], at: ["configuration"])
        return check.faults
    }

    /// The one document of a file; one without any is an empty mapping.
    static func document(_ yaml: String) throws(ConfigurationFaults) -> Datum {
        do throws(YAMLFailure) {
            let roots = try YAMLComposer.documents(in: yaml)
            guard roots.count <= 1 else { throw YAMLFailure(detail: "Must hold one YAML document.") }
            return try roots.first.map { root throws(YAMLFailure) in try YAMLConstructor.value(of: root) } ?? .empty
        } catch {
            throw ConfigurationFaults(faults: [Fault(path: [], code: "invalid", detail: error.detail)])
        }
    }
}

extension [Field] {
    /// The fields that a request declares for a version, by the rules of the file.
    /// - Throws: ``ConfigurationFaults`` below `configuration`.
    init(declared: Datum?) throws(ConfigurationFaults) {
        var check = FileCheck()
        check.fields(declared, at: ["configuration"])
        guard check.faults.isEmpty else { throw ConfigurationFaults(faults: check.faults) }
        self = declared?.items?.map(Field.init(checked:)) ?? []
    }
}
