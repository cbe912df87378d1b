import Testing

@testable import Site

@Suite struct MarkdownTests {
    @Test func emphasisLinksAndListsAreShown() {
        let html = Markdown(text: "Reads *old* hands; see [how](https://example.org/how).\n\n- one\n- two").html
        #expect(
            html.contains("<em>old</em>") && html.contains("<a href=\"https://example.org/how\">how</a>") && html.contains("<li>two</li>"))
    }

    @Test(arguments: [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[a](javascript:alert(1))", "[a](JaVaScRiPt:alert(1))",
        "[a](data:text/html,<script>alert(1)</script>)", "![a](javascript:alert(1))", "<a href='x' onclick='alert(1)'>b</a>",
    ])
    func nothingInItRuns(_ text: String) {
        let html = Markdown(text: text).html
        #expect(!html.contains("<script") && !html.contains("<img") && !html.lowercased().contains("href=\"javascript"), "\(html)")
        #expect(!html.contains("href=\"data:") && !html.contains("onclick"), "\(html)")
    }

    @Test func anImageOfAnotherServerIsALink() {
        let html = Markdown(text: "![a *fine* plan](https://example.org/plan.png)").html
        #expect(html == "<p><a href=\"https://example.org/plan.png\">a <em>fine</em> plan</a></p>\n")
    }

    @Test func headingsStandBelowThoseOfThePage() {
        #expect(Markdown(text: "# Use\n\n##### Deep").html == "<h3>Use</h3>\n<h6>Deep</h6>\n")
    }

    @Test(arguments: [
        ("Reads [print](https://example.org).\nAnd more.\n\nThe rest.", "Reads print. And more."), ("", ""), ("<b>x</b>\n", "x"),
        ("<div>x</div>", ""),
        ("`code` it", "code it"),
    ])
    func aListShowsTheFirstWords(_ text: String, _ expected: String) {
        #expect(Markdown(text: text).beginning == expected)
    }
}
