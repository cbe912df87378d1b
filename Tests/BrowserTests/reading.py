"""What a person does with the pages, and what can be held against every page."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files

from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE = 20
# What is looked at may be swapped for something else at that moment, which Chromium's driver says in two ways; the second has no name of its own.
SWAPPED = [StaleElementReferenceException, WebDriverException]
# Only the checker's script is taken from this package.
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()


class Reader:
    def __init__(self, browser: Chrome, url: str) -> None:
        self.browser = browser
        self.url = url

    def open(self, path: str) -> None:
        self.browser.get(self.url + path)

    def sign_in(self, email: str, password: str) -> None:
        self.browser.get_log("browser")
        self.browser.delete_all_cookies()
        self.open("/login")
        self.fill(email=email, password=password)
        self.press("Sign in")
        self.wait_for_heading("Projects")

    def fill(self, **fields: str) -> None:
        for name, text in fields.items():
            self.fill_named(name, text)

    def fill_named(self, name: str, text: str) -> None:
        field = self.browser.find_element(By.NAME, name)
        if field.tag_name == "select":
            field.find_element(By.CSS_SELECTOR, f"option[value='{text}']").click()
        else:
            field.clear()
            field.send_keys(text)

    def press(self, name: str) -> None:
        """Presses the first button, or follows the first link, that is called this."""
        self.find(
            f"//main//*[self::button or self::a][normalize-space()='{name}' or @aria-label='{name}']"
        ).click()

    def find(self, path: str) -> WebElement:
        return WebDriverWait(self.browser, PATIENCE).until(
            lambda browser: browser.find_element(By.XPATH, path)
        )

    def wait_for_heading(self, text: str) -> None:
        self.find(f'//h1[contains(normalize-space(), "{text}")]')

    def wait(self, look: Callable[[], object]) -> None:
        """Until it is so; what is looked at may be swapped for something else meanwhile."""
        WebDriverWait(self.browser, PATIENCE, ignored_exceptions=SWAPPED).until(lambda _: look())

    @contextmanager
    def without_scripts(self) -> Iterator[None]:
        """The pages as they are where no script runs."""
        self.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        try:
            yield
        finally:
            self.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})

    def wait_for_text(self, text: str) -> None:
        """Until it stands on the page: after a press the page before may still be there."""
        wait = WebDriverWait(self.browser, PATIENCE, ignored_exceptions=SWAPPED)
        wait.until(lambda _: text in self.text, text)

    @property
    def text(self) -> str:
        return self.browser.find_element(By.TAG_NAME, "main").text

    def complaints(self) -> list[str]:
        """What the browser's console holds against the pages since the last look."""
        return [
            entry["message"]
            for entry in self.browser.get_log("browser")
            if entry["level"] == "SEVERE"
        ]

    def fetch(self, path: str, fields: dict[str, str], length: int | None = 15) -> str:
        """The beginning, or all, of what a form leads to, without leaving the page."""
        text: str = self.browser.execute_async_script(
            "const [path, fields, done] = arguments;"
            "fetch(path, {method: 'POST', body: new URLSearchParams(fields)}).then(answer => answer.text())"
            ".then(text => done(text), error => done(String(error)))",
            path,
            fields,
        )
        return text[:length]

    def expect(self, status: str) -> None:
        """The console names the status of a page that was refused, and has nothing else to say."""
        assert all(status in complaint for complaint in self.complaints())

    def violations(self) -> list[str]:
        """What the accessibility checker finds on the page that is open."""
        self.browser.execute_script(AXE)
        result = self.browser.execute_async_script(
            "const done = arguments[0]; axe.run().then(done, error => done({violations: [{id: String(error), help: '', nodes: []}]}))"
        )
        return [
            f"{found['id']}: {found['help']}: {[node['html'] for node in found['nodes']]}"
            for found in result["violations"]
        ]

    def overflow(self) -> int:
        """How many pixels the page is wider than its window."""
        return self.browser.execute_script(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
