import Testing

/// Each test starts a PostgreSQL, so they take turns.
@Suite(.serialized, .timeLimit(.minutes(2))) struct ClusterTests {}
