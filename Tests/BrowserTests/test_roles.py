"""Roles and editions in pairs: what somebody may not do is not offered and is refused, and what they may do is offered and works."""

import uuid
from dataclasses import dataclass, field

import pytest
import requests
from arkindex import ArkindexClient
from conftest import EMAIL, PASSWORD
from reading import Reader
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from serving import ROOT, Server

GUEST, CONTRIBUTOR, ADMIN, INSTANCE = 10, 50, 100, 200
ROLES = {"guest": GUEST, "contributor": CONTRIBUTOR, "admin": ADMIN}
# In Community whoever has signed in is an administrator of everything but the instance.
PAIRS = [("enterprise", role, level) for role, level in ROLES.items()] + [
    ("enterprise", "instance administrator", INSTANCE),
    ("community", "member", ADMIN),
    ("community", "instance administrator", INSTANCE),
]


@dataclass
class Action:
    """A form, the page that offers it, and who may send it. Names in braces stand for things of the stage."""

    page: str
    form: str
    least: int
    fields: dict[str, str] = field(default_factory=dict)
    # What the button has beside the form's fields, where a page has several with the same address.
    marked: str = ""


ACTIONS = [
    Action("/projects/{corpus}/deletion?worker_run={signer}", "/projects/{corpus}/deletion", ADMIN, {"worker_run": "{signer}"}),
    Action("/projects/{corpus}/deletions", "/projects/{corpus}/deletions", ADMIN, {"deletion": "{deletion}"}),
    Action("/elements/{page}", "/elements/{page}/transcriptions", CONTRIBUTOR, {"text": "Optical character"}),
    Action("/elements/{page}", "/elements/{page}/transcriptions/change", CONTRIBUTOR, {"transcription": "{text}", "text": "Read"}),
    Action("/elements/{page}", "/elements/{page}/metadata", CONTRIBUTOR, {"type": "text", "name": "Shelf", "value": "12"}),
    Action("/elements/{page}", "/elements/{page}/metadata/change", CONTRIBUTOR, {"metadata": "{metadata}", "value": "13"}),
    Action("/elements/{page}", "/elements/{page}/classifications", CONTRIBUTOR, {"class": "letter"}),
    Action(
        "/elements/{page}",
        "/elements/{page}/classifications/judgement",
        CONTRIBUTOR,
        {"classification": "{classification}", "verdict": "remove"},
    ),
    Action("/elements/{page}/edit", "/elements/{page}/edit", CONTRIBUTOR, {"name": "Renamed", "type": "page"}),
    Action(
        "/elements/{page}/edit",
        "/elements/{page}/zones",
        CONTRIBUTOR,
        {"zone_name": "Title", "zone_type": "paragraph", "left": "10", "top": "10", "wide": "100", "high": "50"},
    ),
    Action("/elements/{page}/edit", "/elements/{page}/move", CONTRIBUTOR, {"from": "{folder}", "to": "{other}"}),
    Action("/elements/{page}/edit", "/elements/{page}/removal", CONTRIBUTOR),
    Action("/projects/{corpus}/pages", "/projects/{corpus}/folders", CONTRIBUTOR, {"name": "Box", "type": "folder"}),
    Action("/projects/{corpus}", "/projects/{corpus}/change", ADMIN, {"name": "Notaries"}),
    Action("/projects/{corpus}", "/projects/{corpus}/selection", GUEST, {"element": "{folder}"}),
    Action("/projects/{corpus}/process", "/projects/{corpus}/process", ADMIN, {"from": "filter", "name": "Reading"}),
    Action("/processes/{process}/edit", "/processes/{process}/edit", ADMIN, {"name": "Read"}),
    Action("/processes/{process}", "/processes/{process}/keep", ADMIN, {"name": "Template"}),
    Action("/worker-runs/{run}/configuration", "/worker-runs/{run}/configuration", ADMIN, {"configuration": "{configuration}"}),
    Action("/processes/{process}/workers", "/processes/{process}/workers", ADMIN, {"version": "{version}"}),
    Action("/processes/{process}", "/processes/{process}/start", ADMIN, {"chunks": "1"}),
    Action("/processes/{process}", "/processes/{process}/stop", ADMIN),
    Action("/projects/{corpus}/datasets", "/projects/{corpus}/datasets", CONTRIBUTOR, {"name": "Words", "set_names": "train"}),
    Action("/datasets/{dataset}", "/datasets/{dataset}/sets", CONTRIBUTOR, {"name": "dev"}),
    Action("/datasets/{dataset}", "/datasets/{dataset}/change", CONTRIBUTOR, {"name": "Hands of notaries"}),
    Action("/datasets/{dataset}", "/datasets/{dataset}/sets/change", CONTRIBUTOR, {"set": "train", "set_name": "training"}),
    Action("/datasets/{dataset}", "/datasets/{dataset}/delete", ADMIN),
    Action("/projects/{corpus}/exports", "/projects/{corpus}/exports", CONTRIBUTOR),
    Action("/workers/{worker}", "/workers/{worker}", ADMIN, {"configuration": "{unused}", "archived": "true"}, "input[name=archived][value=true]"),
    Action("/workers/{worker}", "/workers/{worker}", INSTANCE, {"configuration": "{archived}", "archived": "false"}, "input[name=archived][value=false]"),
    Action("/models/{model}", "/models/{model}", ADMIN, {"archived": "true"}),
    Action("/users", "/users", INSTANCE, {"email": "{someone}@example.org", "display_name": "Somebody"}),
    Action("/settings", "/settings", INSTANCE, {"hours": "24"}),
]


class Stage:
    """Things of each kind for one pair, so that what one does is in nobody's way."""

    def __init__(self, keeper: ArkindexClient, people: dict[str, str]) -> None:
        self.api = keeper
        corpus = self.make("CreateCorpus", body={"name": "Registers"})
        worker = self.make("CreateWorker", body={"name": "Scribe", "slug": f"scribe-{uuid.uuid4().hex[:8]}", "type": "recognizer"})
        model = self.make("CreateModel", body={"name": f"Cursive {uuid.uuid4().hex[:8]}"})
        for role, user in people.items():
            for kind, thing in {"corpus": corpus, "worker": worker, "model": model}.items():
                keeper.request("CreateMembership", body={"user": user, kind: thing, "level": ROLES[role]})
        self.things = {"corpus": corpus, "worker": worker, "model": model, "someone": uuid.uuid4().hex[:8]}
        self.make_page(corpus)
        self.make_process(corpus, worker)
        self.things["dataset"] = self.make("CreateDataset", id=corpus, body={"name": "Hands", "set_names": ["train"]})
        # What was deleted and can be brought back, and what can be deleted.
        run = self.sign()
        keeper.request("DestroyWorkerResults", id=corpus, worker_run_id=run)
        self.things["deletion"] = next(iter(keeper.paginate("ListDeletions", id=corpus)))["id"]
        self.things["signer"] = self.sign()

    def make(self, operation: str, **arguments: object) -> str:
        return self.api.request(operation, **arguments)["id"]

    def make_page(self, corpus: str) -> None:
        image = self.api.request("CreateImage", body={"path": f"{corpus}/{uuid.uuid4()}.png"})
        scan = (ROOT / ".demo/scans/Pangram.png").read_bytes()
        requests.put(image["s3_put_url"], data=scan, timeout=60).raise_for_status()
        self.api.request("PartialUpdateImage", id=image["id"], body={"status": "checked"})
        folder, other = (self.make("CreateElement", body={"corpus": corpus, "type": "folder", "name": name}) for name in ("A", "B"))
        page = self.make(
            "CreateElement", body={"corpus": corpus, "parent": folder, "type": "page", "name": "1r", "image": image["id"]}
        )
        kind = self.make("CreateMLClass", id=corpus, body={"name": "deed"})
        self.things |= {
            "folder": folder,
            "other": other,
            "page": page,
            "text": self.make("CreateTranscription", id=page, body={"text": "Rad"}),
            "metadata": self.make("CreateMetaData", id=page, body={"type": "text", "name": "Box", "value": "1"}),
            "classification": self.make("CreateClassification", body={"element": page, "ml_class": kind}),
        }

    def make_process(self, corpus: str, worker: str) -> None:
        fields = [{"key": "prefix", "display_name": "Before each line", "type": "string", "default": ""}]
        body = {"configuration": fields, "model_usage": "disabled", "state": "available", "command": "true", "docker_image_iid": "scribe:1"}
        version = self.make("CreateWorkerVersion", id=worker, body=body)
        process = self.make("CreateProcess", body={"corpus": corpus, "mode": "workers", "name": "Reading"})
        self.things |= {"version": version, "process": process}
        for name in ("configuration", "unused", "archived"):
            body = {"name": name, "configuration": {"prefix": name}, "worker_version": version}
            self.things[name] = self.make("CreateWorkerConfiguration", id=worker, body=body)
        self.api.request("PartialUpdateWorkerConfiguration", id=self.things["archived"], body={"archived": True})
        self.things["run"] = self.make("CreateWorkerRun", id=process, body={"worker_version_id": version})

    def sign(self) -> str:
        """A run that has read the page."""
        run = self.make("CreateUserWorkerRun", body={"summary": "A script"})
        body = {"text": "Read", "worker_run_id": run, "confidence": 0.5}
        self.api.request("CreateTranscription", id=self.things["page"], body=body)
        return run

    def named(self, text: str) -> str:
        return text.format(**self.things)


@dataclass
class House:
    """A server of an edition with somebody of each role."""

    server: Server
    keeper: ArkindexClient
    people: dict[str, str]

    def email(self, role: str) -> str:
        return EMAIL if role == "instance administrator" else f"{role}@registers.example"

    @classmethod
    def open(cls, server: Server, roles: list[str]) -> "House":
        keeper = ArkindexClient(base_url=server.url)
        keeper.login(EMAIL, PASSWORD)
        people = {}
        for role in roles:
            body = {"email": f"{role}@registers.example", "display_name": f"A {role}", "password": PASSWORD}
            people[role] = keeper.request("CreateUser", body=body)["id"]
        return cls(server, keeper, {role: user for role, user in people.items() if role in ROLES})


@pytest.fixture(scope="module")
def houses(server: Server, institution: Server) -> dict[str, House]:
    return {"community": House.open(server, ["member"]), "enterprise": House.open(institution, list(ROLES))}


@pytest.mark.parametrize(("edition", "role", "level"), PAIRS)
def test_what_one_may_do_is_offered_and_works_and_nothing_else(
    browser: Chrome, houses: dict[str, House], edition: str, role: str, level: int
) -> None:
    house = houses[edition]
    stage = Stage(house.keeper, house.people)
    reader = Reader(browser, house.server.url)
    reader.sign_in(house.email(role), PASSWORD)
    csrf = browser.find_element(By.NAME, "csrf").get_dom_attribute("value")
    wrong, at, followed = [], "", set()
    for action in ACTIONS:
        page, form = stage.named(action.page), stage.named(action.form)
        # A page is looked at again where something on it has been done.
        if at != page or action.least <= level:
            reader.open(page)
            at = page
            wrong += [f"{page} leads to {link}: {status}" for link, status in follow(reader, followed) if status >= 400]
        selector = f"form[method=post][action='{form}']:has(button)" + (f":has({action.marked})" if action.marked else "")
        offered, may = bool(browser.find_elements(By.CSS_SELECTOR, selector)), action.least <= level
        if offered != may:
            wrong.append(f"{form} is {'' if offered else 'not '}offered on {page}")
        status = send(reader, form, {"csrf": csrf} | {name: stage.named(value) for name, value in action.fields.items()})
        if status not in ((200, 201) if may else (403, 404)):
            wrong.append(f"{form}: {status}")
    assert not wrong, "\n".join(wrong)


def follow(reader: Reader, followed: set[str]) -> list[tuple[str, int]]:
    """What the page's links and buttons lead to, without leaving it, but for what they have led to before."""
    links = reader.browser.execute_script(
        "return [...document.querySelectorAll('header a[href], main a.button[href]')].map(link => link.getAttribute('href'))"
    )
    new = sorted(set(links) - followed)
    followed.update(new)
    return reader.browser.execute_async_script(
        "const [links, done] = arguments;"
        "Promise.all(links.map(link => fetch(link).then(answer => [link, answer.status]))).then(done);",
        new,
    )


def send(reader: Reader, form: str, fields: dict[str, str]) -> int:
    """The status of what a form leads to."""
    return reader.browser.execute_async_script(
        "const [path, fields, done] = arguments;"
        "fetch(path, {method: 'POST', body: new URLSearchParams(fields)}).then(answer => done(answer.status), () => done(0));",
        form,
        fields,
    )
