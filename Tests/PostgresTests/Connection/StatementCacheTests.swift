import Testing

@testable import Postgres

@Suite struct StatementCacheTests {
    @Test func aNameIsReliedOnOnceItIsConfirmed() {
        var cache = StatementCache(capacity: 2)
        #expect(cache.plan("a") == .prepare("s1"))
        #expect(cache.plan("a") == .unnamed)
        cache.prepared("a", succeeded: true)
        #expect(cache.plan("a") == .named("s1"))
    }

    @Test func aPrepareThatFailedIsTriedUnderANewName() {
        var cache = StatementCache(capacity: 2)
        #expect(cache.plan("a") == .prepare("s1"))
        cache.prepared("a", succeeded: false)
        #expect(cache.plan("a") == .prepare("s2"))
    }

    @Test func theLeastRecentlyUsedMakesRoom() {
        var cache = StatementCache(capacity: 2)
        for sql in ["a", "b"] {
            _ = cache.plan(sql)
            cache.prepared(sql, succeeded: true)
        }
        #expect(cache.plan("a") == .named("s1"))
        #expect(cache.plan("c") == .prepare("s4"))
        #expect(cache.takeDoomed() == ["s2"])
        #expect(cache.takeDoomed().isEmpty)
        #expect(cache.plan("a") == .named("s1"))
    }

    @Test func unconfirmedStatementsDoNotMakeRoom() {
        var cache = StatementCache(capacity: 1)
        #expect(cache.plan("a") == .prepare("s1"))
        #expect(cache.plan("b") == .unnamed)
        #expect(cache.takeDoomed().isEmpty)
    }

    @Test func deallocatingIsTriedAgain() {
        var cache = StatementCache(capacity: 1)
        cache.keepsDoomed("s1")
        #expect(cache.takeDoomed() == ["s1"])
    }

    @Test func retiredStatementsAreDeallocatedAndForgottenOnesAreNot() {
        var cache = StatementCache(capacity: 1)
        _ = cache.plan("a")
        cache.prepared("a", succeeded: true)
        cache.retireAll()
        #expect(cache.takeDoomed() == ["s1"])
        #expect(cache.plan("a") == .prepare("s2"))
        cache.prepared("a", succeeded: true)
        cache.forgetAll()
        #expect(cache.takeDoomed().isEmpty)
        #expect(cache.plan("a") == .prepare("s3"))
    }
}
