/// The tables of an export, as the library arkindex-export 0.2.5 reads them.
enum ExportLayout {
    /// The layout's number. 11 is the last that is described in public; this one has no moderation of classifications.
    static let version = 12

    /// No journal: a file that was not finished is thrown away.
    static let begin = """
        PRAGMA journal_mode = OFF;
        PRAGMA synchronous = OFF;
        CREATE TABLE export_version (version);
        INSERT INTO export_version VALUES (\(version));
        CREATE TABLE worker_version (id VARCHAR(37) NOT NULL PRIMARY KEY, slug VARCHAR(100) NOT NULL, name VARCHAR(100) NOT NULL,
          repository_url VARCHAR(250), revision VARCHAR(200), version INTEGER, type VARCHAR(50) NOT NULL,
          CHECK ((version IS NULL) <> (revision IS NULL)));
        CREATE TABLE worker_run (id VARCHAR(37) NOT NULL PRIMARY KEY,
          worker_version_id VARCHAR(37) NOT NULL REFERENCES worker_version (id), model_version_id VARCHAR(37), model_id VARCHAR(37),
          model_name VARCHAR(100), configuration_id VARCHAR(37), configuration TEXT,
          CHECK ((model_version_id IS NULL) = (model_id IS NULL) AND (model_id IS NULL) = (model_name IS NULL)),
          CHECK ((configuration_id IS NULL) = (configuration IS NULL)));
        CREATE TABLE image_server (id INTEGER NOT NULL PRIMARY KEY, url VARCHAR(200) NOT NULL UNIQUE, display_name VARCHAR(250) NOT NULL,
          max_width INTEGER CHECK (max_width >= 0), max_height INTEGER CHECK (max_height >= 0),
          version INTEGER NOT NULL CHECK (version IN (2, 3)));
        CREATE TABLE image (id VARCHAR(37) NOT NULL PRIMARY KEY, server_id INTEGER NOT NULL REFERENCES image_server (id),
          url TEXT NOT NULL UNIQUE, width INTEGER NOT NULL CHECK (width >= 0), height INTEGER NOT NULL CHECK (height >= 0));
        CREATE TABLE element (id VARCHAR(37) NOT NULL PRIMARY KEY, name VARCHAR(250) NOT NULL, type VARCHAR(50) NOT NULL,
          image_id VARCHAR(37) REFERENCES image (id), polygon TEXT, confidence REAL CHECK (confidence >= 0 AND confidence <= 1),
          rotation_angle INTEGER NOT NULL DEFAULT 0 CHECK (rotation_angle >= 0 AND rotation_angle <= 359),
          mirrored INTEGER NOT NULL DEFAULT 0 CHECK (mirrored IN (0, 1)), worker_run_id VARCHAR(37) REFERENCES worker_run (id),
          created REAL NOT NULL, updated REAL NOT NULL, CHECK ((image_id IS NULL) = (polygon IS NULL)));
        CREATE TABLE element_path (id VARCHAR(37) NOT NULL PRIMARY KEY, parent_id VARCHAR(37) NOT NULL REFERENCES element (id),
          child_id VARCHAR(37) NOT NULL REFERENCES element (id), ordering INTEGER NOT NULL DEFAULT 0 CHECK (ordering >= 0),
          UNIQUE (parent_id, child_id));
        CREATE TABLE transcription (id VARCHAR(37) NOT NULL PRIMARY KEY, orientation TEXT NOT NULL DEFAULT 'horizontal-lr'
            CHECK (orientation IN ('horizontal-lr', 'horizontal-rl', 'vertical-lr', 'vertical-rl')), text TEXT NOT NULL,
          confidence REAL CHECK (confidence >= 0 AND confidence <= 1), element_id VARCHAR(37) NOT NULL REFERENCES element (id),
          worker_run_id VARCHAR(37) REFERENCES worker_run (id));
        CREATE TABLE entity_type (id VARCHAR(37) NOT NULL PRIMARY KEY, color VARCHAR(6) NOT NULL DEFAULT 'ff0000',
          name VARCHAR(250) NOT NULL UNIQUE);
        CREATE TABLE transcription_entity (id VARCHAR(37) NOT NULL PRIMARY KEY, type_id VARCHAR(37) NOT NULL REFERENCES entity_type (id),
          length INTEGER NOT NULL CHECK (length >= 0), "offset" INTEGER NOT NULL CHECK ("offset" >= 0),
          confidence REAL CHECK (confidence >= 0 AND confidence <= 1),
          transcription_id VARCHAR(37) NOT NULL REFERENCES transcription (id), worker_run_id VARCHAR(37) REFERENCES worker_run (id),
          UNIQUE (transcription_id, type_id, "offset", length, worker_run_id));
        CREATE TABLE classification (id VARCHAR(37) NOT NULL PRIMARY KEY, class_name VARCHAR(1024) NOT NULL,
          confidence REAL NOT NULL CHECK (confidence >= 0 AND confidence <= 1), element_id VARCHAR(37) NOT NULL REFERENCES element (id),
          worker_run_id VARCHAR(37) REFERENCES worker_run (id));
        CREATE TABLE metadata (id VARCHAR(37) NOT NULL PRIMARY KEY, name VARCHAR(250) NOT NULL, value TEXT NOT NULL,
          type VARCHAR(50) NOT NULL, element_id VARCHAR(37) NOT NULL REFERENCES element (id),
          worker_run_id VARCHAR(37) REFERENCES worker_run (id));
        CREATE TABLE embedding (id VARCHAR(37) NOT NULL PRIMARY KEY, created REAL NOT NULL, updated REAL NOT NULL,
          element_id VARCHAR(37) NOT NULL REFERENCES element (id), worker_run_id VARCHAR(37) NOT NULL REFERENCES worker_run (id),
          value TEXT NOT NULL, UNIQUE (element_id, worker_run_id));
        CREATE TABLE dataset (id VARCHAR(37) NOT NULL PRIMARY KEY, name VARCHAR(100) NOT NULL, description TEXT NOT NULL,
          sets TEXT NOT NULL);
        CREATE TABLE dataset_element (id VARCHAR(37) NOT NULL PRIMARY KEY, element_id VARCHAR(37) NOT NULL REFERENCES element (id),
          dataset_id VARCHAR(37) NOT NULL REFERENCES dataset (id), set_name VARCHAR(50) NOT NULL);
        """

    /// Made when all rows are there.
    static let end =
        [
            "element": ["image_id", "worker_run_id", "type"], "element_path": ["parent_id", "child_id"],
            "transcription": ["element_id", "worker_run_id"], "transcription_entity": ["transcription_id", "type_id", "worker_run_id"],
            "classification": ["element_id", "worker_run_id"], "metadata": ["element_id", "worker_run_id"],
            "embedding": ["worker_run_id"],
            "dataset_element": ["element_id", "dataset_id"], "image": ["server_id"], "worker_run": ["worker_version_id"],
        ]
        .sorted { $0.key < $1.key }
        .flatMap { table, columns in columns.map { "CREATE INDEX \(table)_\($0) ON \(table) (\($0));" } }.joined(separator: "\n")

    /// The statements that take rows of a table: a JSON list of lists, in the order of these columns. What is there already stays, because
    /// an element is met once for each of its places. Empty for what is no table.
    static func inserts(into table: String) -> [String] {
        if table == "image" { return [imageServers, images] }
        guard let columns = columns[table] else { return [] }
        let values = columns.indices.map { "value ->> \($0)" }.joined(separator: ", ")
        // A link to what is outside of the export is none.
        let inside = table == "element_path" ? "EXISTS (SELECT 1 FROM element WHERE id = value ->> 1)" : "true"
        return [
            """
            INSERT INTO \(table) (\(columns.joined(separator: ", "))) SELECT \(values) FROM json_each(?1) WHERE \(inside)
            ON CONFLICT DO NOTHING
            """
        ]
    }

    private static let columns: [String: [String]] = [
        "worker_version": ["id", "slug", "name", "repository_url", "revision", "version", "type"],
        "worker_run": ["id", "worker_version_id", "model_version_id", "model_id", "model_name", "configuration_id", "configuration"],
        "element": [
            "id", "name", "type", "image_id", "polygon", "confidence", "rotation_angle", "mirrored", "worker_run_id", "created", "updated",
        ],
        "element_path": ["id", "parent_id", "child_id", "ordering"],
        "transcription": ["id", "orientation", "text", "confidence", "element_id", "worker_run_id"],
        "entity_type": ["id", "color", "name"],
        "transcription_entity": ["id", "type_id", "length", "\"offset\"", "confidence", "transcription_id", "worker_run_id"],
        "classification": ["id", "class_name", "confidence", "element_id", "worker_run_id"],
        "metadata": ["id", "name", "value", "type", "element_id", "worker_run_id"],
        "embedding": ["id", "created", "updated", "element_id", "worker_run_id", "value"],
        "dataset": ["id", "name", "description", "sets"], "dataset_element": ["id", "element_id", "dataset_id", "set_name"],
    ]

    // Servers are numbered by SQLite; an image brings its own with it.
    private static let imageServers = """
        INSERT INTO image_server (url, display_name, max_width, max_height, version)
        SELECT DISTINCT value ->> '$[1][1]', value ->> '$[1][2]', value ->> '$[1][3]', value ->> '$[1][4]', value ->> '$[1][5]'
        FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING
        """
    private static let images = """
        INSERT INTO image (id, server_id, url, width, height)
        SELECT value ->> 0, (SELECT id FROM image_server WHERE url = value ->> '$[1][1]'), value ->> 2, value ->> 3, value ->> 4
        FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING
        """
}
