/// What is below an element and what it is in, in SQL. An element may have several places in the tree; below each is one range of keys.
enum Places {
    /// The places of `$id` as `f`. Of what a person kept only the home is seen, which may be below any of them. Where a range ends is worked out
    /// apart: only then it may be looked for in an index before the policies have been asked.
    static let folder = """
        (SELECT f.corpus_id, f.key, f.key || '\\xffffffffffff'::bytea AS past FROM element_path f
          WHERE f.tenant_id = $tenant AND f.element_id = $id OFFSET 0) AS f
        """

    /// On a row of `element_path` with this name.
    static func isBelow(_ path: String) -> String {
        "\(path).tenant_id = $tenant AND \(path).corpus_id = f.corpus_id AND \(path).key > f.key AND \(path).key < f.past"
    }

    /// The places that a row of `element_path` is in, as `a`, from the top. Each key is looked for apart, as in ``folder``: a join would read every
    /// place there is.
    static func above(_ path: String) -> String {
        """
        generate_series(6, octet_length(\(path).key) - 6, 6) AS length
            CROSS JOIN LATERAL (SELECT a.element_id, a.key FROM element_path a WHERE a.tenant_id = $tenant
              AND a.corpus_id = \(path).corpus_id AND a.key = substring(\(path).key FROM 1 FOR length) OFFSET 0) AS a
        """
    }
}
