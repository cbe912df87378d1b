/// The version of this program.
public enum PalimpsestVersion {
    public static let number = "0.1.0"
}
