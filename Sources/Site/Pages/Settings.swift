import Shapes
import Web

extension Page {
    /// What holds for the whole instance.
    static let settings = Page("/settings", "settings", for: .instanceAdministrators) { visit in
        let settings = try await visit.ask("RetrieveSettings")
        let hours = Double(settings["purge_horizon"]?.int ?? 0) / 3600
        return [
            "title": .string(visit.shell.word("settings")), "in_people": true, "on_settings": true,
            "hours": .string(visit.refused?.fields["hours"] ?? hours.formattedShortly),
        ]
    }
}

extension Form {
    /// People think in hours, the API in seconds.
    static let changeSettings = Form("/settings", on: .settings) { visit, fields in
        guard let hours = fields["hours"].flatMap(Double.init), hours.isFinite, hours >= 0, hours <= 8760 else {
            throw Problem.invalid("hours", visit.shell.word("hours_wanted"))
        }
        _ = try await visit.ask("PartialUpdateSettings", ["body": ["purge_horizon": .integer(Int((hours * 3600).rounded()))]])
        return Done(location: "/settings?saved=1")
    }
}

extension Double {
    /// Without a fraction where there is none.
    fileprivate var formattedShortly: String { self == rounded() ? String(Int(self)) : String(self) }
}
