import FoundationEssentials
import HTTPTypes
public import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Shapes
public import Storage
public import Tenancy
public import Web

/// The web pages. They stand above the features and ask them through the same operations as any client.
public struct Site: Sendable {
    private let api: API
    private let transfers: Transfers
    private let tenancy: Tenancy
    private let shell: Shell

    static let pages: [Page] =
        [
            .signIn, .projects, .browser, .projectRuns, .addPages, .selection, .element, .editElement, .run, .processes, .newProcess,
            .process, .editProcess, .addWorker, .configureRun, .chooseModel, .orderRun, .templates, .applyTemplate, .models, .model,
            .datasets,
            .dataset, .exports, .task, .workers, .worker, .deleteResults, .deletions, .jobs, .account, .groups, .group, .users, .audit,
            .settings,
        ] + Membered.all.map(\.page)
    static let forms: [Form] =
        [
            .signIn, .signOut, .createProject, .changeProject, .addPages, .addFolder, .select, .unselect, .processSelection,
            .changeElement, .addZone, .moveElement, .destroyElement, .addTranscription, .changeTranscription, .addMetadata,
            .changeMetadata, .addClassification, .judgeClassification, .createProcess, .changeProcess, .startProcess, .stopProcess,
            .retryProcess, .destroyProcess, .addRun, .removeRun, .chooseModel, .orderRun, .keepTemplate, .applyTemplate, .createModel,
            .archiveModel, .tagModelVersion, .addCompatibleWorker, .removeCompatibleWorker, .createDataset, .changeDataset,
            .destroyDataset, .createSet, .changeSet, .fillSet, .emptySet, .startExport, .fetchExport, .createWorker, .importVersion,
            .chooseConfiguration, .createConfiguration, .archiveConfiguration, .deleteResults, .restoreResults, .destroyJob,
            .changePassword, .createToken, .destroyToken, .destroySession, .createUserWorkerRun, .createGroup, .changeGroup,
            .destroyGroup, .createUser, .changeUser, .changeSettings,
        ] + Roster.groupForms + Membered.all.flatMap(\.forms)

    /// - Throws: when a template cannot be read.
    public init(api: API, transfers: Transfers, tenancy: Tenancy) throws {
        self.api = api
        self.transfers = transfers
        self.tenancy = tenancy
        shell = try Shell()
    }

    /// Registers pages, forms, and the files that browsers load.
    public func mount<Context: RequestContext>(on router: Router<Context>) {
        router.get("/") { _, _ in Shell.redirect(to: "/projects") }
        router.add(middleware: LostPages(shell: shell))
        for asset in Asset.all where asset.type != nil {
            router.get(RouterPath(asset.address)) { _, _ in asset.response }
        }
        for page in Self.pages {
            router.get(RouterPath(page.path)) { request, context in await show(page, try await visit(request, context)) }
        }
        for form in Self.forms {
            router.post(RouterPath(form.path)) { request, context in await take(form, request, try await visit(request, context)) }
        }
        for (path, page) in Self.pagesOfForms {
            router.get(RouterPath(path)) { request, context in Shell.redirect(to: try await visit(request, context).seeing(page).here) }
        }
    }

    /// Where a form goes that is no page itself: whoever loads anew what came back from there is sent to the form's page.
    private static var pagesOfForms: [String: Page] {
        let shown = Set(pages.map(\.path))
        return Dictionary(forms.filter { !shown.contains($0.path) }.map { ($0.path, $0.page) }) { first, _ in first }
    }

    private func visit(_ request: Request, _ context: some RequestContext) async throws -> Visit {
        let path = Dictionary(context.parameters.map { (String($0.key), String($0.value)) }) { first, _ in first }
        return Visit(
            request: request, visitor: try await Visitor(request, tenancy), api: api, transfers: transfers, path: path, shell: shell,
            logger: context.logger)
    }
}

// MARK: Showing

extension Site {
    private func show(_ page: Page, _ visit: Visit, status: HTTPResponse.Status = .ok) async -> Response {
        do {
            var visit = page.audience == .everyone ? try await withoutLapsedSession(visit) : visit
            if visit.visitor.csrf != nil { visit.user = try await visit.ask("RetrieveUser") }
            let surroundings = try await surroundings(page, visit)
            let content = surroundings.adding(try await page.content(visit))
            let template = visit.wantsDialog ? page.dialog ?? page.template : page.template
            return shell.page(template, content, status: status)
        } catch let problem as Problem where problem.status == .unauthorized && visit.refused == nil && !visit.isOfScript {
            return Shell.redirect(to: "/login?next=\(visit.address(replacing: [:]).inQuery)")
        } catch {
            return await refusal(error, visit)
        }
    }

    /// The person, the edition and what forms send back.
    private func surroundings(_ page: Page, _ visit: Visit) async throws -> JSONValue {
        if visit.user == .null, page.audience != .everyone {
            throw Problem(.unauthorized, "not_authenticated", "Sign in first.")
        }
        let isEnterprise = try await isEnterprise(visit)
        if page.audience == .ofEnterprise, !isEnterprise { throw Problem.notFound }
        return [
            "user": visit.user, "enterprise": .boolean(isEnterprise), "version": .string(PalimpsestVersion.number),
            "edition": .string(shell.word(isEnterprise ? "edition_enterprise" : "edition_community")), "made": visit.made ?? .null,
            "csrf": visit.visitor.csrf.map(JSONValue.string) ?? .null, "problem": visit.refused?.problem.page(shell) ?? .null,
            "given": visit.refused?.fields.given ?? [:], "saved": .boolean(visit.refused == nil && visit.query("saved") != nil),
            "none_ticked": .boolean(visit.query("ticked") == "none"),
            "title": .string(shell.word("palimpsest")),
        ]
    }

    /// Who has signed in is told along with everything else.
    private func isEnterprise(_ visit: Visit) async throws -> Bool {
        let asked = visit.user == .null ? try await visit.ask("RetrieveEdition") : visit.user
        return asked["features"]?["enterprise"] == true
    }

    /// Where one signs in, a session that has run out or was ended is as good as none.
    private func withoutLapsedSession(_ visit: Visit) async throws -> Visit {
        guard visit.visitor.csrf != nil else { return visit }
        do {
            _ = try await visit.ask("RetrieveUser")
            return visit
        } catch let problem as Problem where problem.status == .unauthorized {
            var other = visit
            other.visitor = visit.visitor.withoutSession
            return other
        }
    }

    /// A page that says what is wrong and what can be done.
    private func refusal(_ error: any Error, _ visit: Visit) async -> Response {
        if !(error is Problem) {
            visit.logger.error("Unexpected failure", metadata: ["page": .string(visit.here), "error": .string(String(reflecting: error))])
        }
        let problem =
            error as? Problem
            ?? Problem(
                .internalServerError, "server_error", "Something went wrong on the server. It has been logged under the request's id.")
        let signIn = problem.status == .unauthorized ? "/login?next=\((visit.sentFrom ?? visit.here).inQuery)" : nil
        return shell.refusal(problem, signIn: signIn, sent: visit.refused?.fields.toCopy)
    }
}

// MARK: Taking

extension Site {
    private func take(_ form: Form, _ request: Request, _ visit: Visit) async -> Response {
        var fields = Fields(values: [:])
        do {
            try Credentials.requireOwnSite(request)
            let body = FormBody(of: request)
            fields = try await Fields(of: request, body)
            let visit = form.page.audience == .everyone ? try await withoutLapsedSession(visit) : visit
            try visit.visitor.check(csrf: fields["csrf"])
            if form.page.audience == .ofEnterprise, try await !isEnterprise(visit) { throw Problem.notFound }
            let done = try await form.perform(visit, fields, body)
            if let made = done.made {
                var again = visit.seeing(form.page)
                again.made = made
                return await show(form.page, again, status: .created)
            }
            return Shell.redirect(to: done.location, headers: done.headers)
        } catch is NIOTooManyBytesError {
            return await refusal(Problem(.contentTooLarge, "too_large", "A form may have at most one megabyte."), visit)
        } catch let problem as Problem {
            var again = visit.seeing(form.page)
            again.refused = Visit.Refused(form: form.path, problem: problem, fields: fields)
            if problem.status == .unauthorized { return await refusal(problem, again) }
            return await show(form.page, again, status: problem.status)
        } catch {
            return await refusal(error, visit)
        }
    }
}

extension Fields {
    /// Of a form of at most one megabyte; where it has files, those fields that come before them.
    init(of request: Request, _ parts: FormBody) async throws {
        if await parts.hasFiles {
            self = try await parts.fields()
            return
        }
        var request = request
        let body = String(buffer: try await request.collectBody(upTo: 1 << 20))
        var values: [String: [String]] = [:]
        for (name, value) in URI("/?\(body)").parameters {
            // As everybody but HTML's forms writes lines.
            values[name, default: []].append(value.replacing("\r\n", with: "\n"))
        }
        self.values = values
    }
}

extension Problem {
    /// What a page shows of it: every sentence, with the name of the field that it is about, and the way to what stands in its place.
    func page(_ shell: Shell) -> JSONValue {
        let sentences: [JSONValue] = items.map {
            let word = "refused_\($0.code)"
            return ["field": .string($0.place), "sentence": .string(shell.hasWord(word) ? shell.word(word) : $0.detail)]
        }
        let run = items.contains { $0.code == "worker_run_exists" } ? extra["existing_id"] : nil
        return ["sentences": .array(sentences), "existing_run": run ?? .null]
    }
}
