"""Setting a process up: models, order, templates, and what it says where it cannot be."""

import uuid

import pytest
from archive import Archive
from reading import Reader
from workshop import Workshop


@pytest.fixture(scope="module")
def workshop(archive: Archive) -> Workshop:
    return Workshop.make(archive)


def test_a_required_model_is_asked_for_and_chosen_in_a_dialog(
    reader: Reader, workshop: Workshop
) -> None:
    process = workshop.process("Needs a model")
    reader.open(f"/processes/{process}/workers?name={workshop.needy.name}")
    reader.press(f"Add {workshop.needy.name} 1")
    # What has to be chosen is offered at once; somebody may also come back to it.
    reader.wait_for_heading("Choose a model")
    assert "needs a model" in reader.text and "No model" not in reader.text
    reader.open(f"/processes/{process}")
    assert "a worker run needs a model" in reader.text
    reader.press(f"Choose a model for {workshop.needy.name} @ 1")
    dialog = reader.find("//dialog[@open]")
    assert workshop.model in dialog.text
    assert reader.violations() == []
    reader.find("//dialog//input[@name='name']").send_keys("no such model\n")
    reader.find("//dialog//p[contains(., 'has that name')]")
    reader.find("//dialog//input[@name='name']").clear()
    reader.find("//dialog//input[@name='name']").send_keys(workshop.model + "\n")
    reader.find(f"//dialog//button[@aria-label='Choose {workshop.model} best']").click()
    reader.wait_for_heading("Needs a model")
    assert f"{workshop.model} @ best" in reader.text
    assert "It can start." in reader.text


def test_the_same_again_leads_to_what_is_there(
    reader: Reader, workshop: Workshop
) -> None:
    process = workshop.process("The same twice")
    run = workshop.add(process)
    reader.open(f"/processes/{process}/workers?name={workshop.reader.name}")
    reader.press(f"Add {workshop.reader.name} 1")
    alert = reader.find("//*[@role='alert']")
    assert "Choose a model or a configuration for that one first" in alert.text
    reader.expect("409")
    link = alert.find_element("tag name", "a")
    assert link.get_dom_attribute("href") == f"/runs/{run}"


def test_the_order_of_runs_is_set_and_drawn(reader: Reader, workshop: Workshop) -> None:
    process = workshop.process("In order")
    first = workshop.add(process)
    second = workshop.add(process, configuration=workshop.configuration)
    reader.open(f"/worker-runs/{second}/parents")
    reader.find(f"//input[@name='parent' and @value='{first}']").send_keys(" ")
    reader.press("Save")
    reader.wait_for_heading("In order")
    told = reader.find("//main//*[name()='svg' and @role='img']").get_dom_attribute("aria-label")
    name = workshop.reader.name
    assert f"{name} @ 1 ({workshop.configured}) after {name} @ 1" in told
    assert reader.violations() == []
    # A circle is refused, and nothing changes.
    reader.open(f"/worker-runs/{first}/parents")
    reader.find(f"//input[@name='parent' and @value='{second}']").send_keys(" ")
    reader.press("Save")
    assert "may not lead back" in reader.find("//*[@role='alert']").text
    reader.expect("400")
    assert workshop.api.request("RetrieveWorkerRun", id=first)["parents"] == []


def test_a_template_is_kept_and_applied_and_says_what_it_leaves_out(
    reader: Reader, workshop: Workshop
) -> None:
    source = workshop.process("A good set-up")
    workshop.add(source)
    workshop.add(source, configuration=workshop.configuration)
    name = f"Kept {uuid.uuid4().hex[:6]}"
    reader.open(f"/processes/{source}")
    reader.fill(name=name)
    reader.press("Keep")
    reader.wait_for_heading(name)
    assert "A template never runs." in reader.text
    reader.open(f"/templates?name={name}")
    assert name in reader.text
    target = workshop.process("From a template")
    workshop.add(target)
    reader.open(f"/processes/{target}")
    reader.press("Apply a template")
    reader.wait_for_heading("Apply a template")
    reader.press(f"Apply {name}")
    reader.find("//h2[normalize-space()='Left out']")
    assert "1 worker runs were copied." in reader.text
    assert "has such a worker run already" in reader.text
    reader.press("On to the process")
    reader.wait_for_heading("From a template")
    assert workshop.configured in reader.text


def test_every_reason_against_a_start_is_told_at_its_run(
    reader: Reader, workshop: Workshop
) -> None:
    process = workshop.process("Cannot start", name_contains="no page is called this")
    run = workshop.add(process)
    reader.open(f"/processes/{process}")
    reader.press("Start")
    assert "selects no element" in reader.find("//*[@role='alert']").text
    reader.expect("400")
    configuration = workshop.reader.configure(f"Leaves {uuid.uuid4().hex[:6]}", prefix=run)
    workshop.api.request(
        "PartialUpdateWorkerRun", id=run, body={"configuration_id": configuration["id"]}
    )
    workshop.api.request(
        "PartialUpdateWorkerConfiguration", id=configuration["id"], body={"archived": True}
    )
    reader.open(f"/processes/{process}")
    assert "can no longer be used" in reader.text
    card = reader.find(f"//li[@id='run-{run}']")
    assert "This configuration was archived." in card.text


def test_an_equal_configuration_is_linked(reader: Reader, workshop: Workshop) -> None:
    process = workshop.process("Once more")
    run = workshop.add(process)
    reader.open(f"/worker-runs/{run}/configuration")
    assert "instead of" in reader.text
    reader.find("//form[@method='post']//input[@name='name']").send_keys("Another name")
    reader.fill_named("field.prefix", "✠ ")
    reader.press("Create and choose")
    reader.wait_for_text("The same values are there already")
    reader.expect("400")
    reader.find(f"//main//a[normalize-space()='{workshop.configured}']").click()
    reader.press(f"Choose {workshop.configured}")
    reader.wait_for_heading("Once more")
    assert workshop.configured in reader.text


def test_a_process_over_a_selection(reader: Reader, workshop: Workshop) -> None:
    corpus = workshop.archive.scenario.corpus["id"]
    reader.open(f"/projects/{corpus}/process?from=selection")
    assert "Nothing is selected in this project." in reader.text
    page = workshop.archive.scenario.pages[1]["id"]
    workshop.api.request("AddSelection", body={"ids": [page]})
    reader.browser.refresh()
    reader.wait_for_text("1 element is selected")
    reader.fill(name="What I selected")
    reader.press("Create")
    reader.wait_for_heading("What I selected")
    assert "Selected elements" in reader.text
    workshop.api.request("RemoveSelection", body={"corpus": corpus})


def test_a_process_over_sets_of_a_dataset(reader: Reader, workshop: Workshop) -> None:
    corpus = workshop.archive.scenario.corpus["id"]
    name = f"Hands {uuid.uuid4().hex[:6]}"
    workshop.api.request(
        "CreateDataset", id=corpus, body={"name": name, "set_names": ["train", "test"]}
    )
    reader.open(f"/projects/{corpus}/process?from=sets")
    reader.fill(name="Training")
    reader.find(f"//fieldset[legend='{name}']//label[normalize-space()='train']/input").click()
    reader.fill(model_id=workshop.model_id)
    reader.press("Create")
    reader.wait_for_heading("Training")
    assert f"{name}: train" in reader.text and f"{name}: test" not in reader.text
