"""The address of every page on which processes are set up and models trained, over a workshop."""

from workshop import Workshop


def workplaces(workshop: Workshop) -> dict[str, str]:
    corpus = workshop.archive.scenario.corpus["id"]
    empty = workshop.process("Nothing chosen yet")
    process = workshop.process("Read and then read again")
    first = workshop.add(process)
    second = workshop.add(process, configuration=workshop.configuration)
    third = workshop.add_needy(process)
    workshop.order(second, after=[first])
    workshop.order(third, after=[first, second])
    workshop.keep(process)
    other = workshop.process("Only a model is missing")
    workshop.add_needy(other)
    dataset = workshop.dataset()
    workshop.api.request("StartExport", id=corpus, body={"dataset_id": dataset})
    return {
        "process-empty": f"/processes/{empty}",
        "process-set-up": f"/processes/{process}",
        "process-model-missing": f"/processes/{other}",
        "choose-model": f"/worker-runs/{third}/model",
        "order-run": f"/worker-runs/{third}/parents",
        "configure": f"/worker-runs/{second}/configuration",
        "templates": "/templates",
        "apply-template": f"/processes/{empty}/template",
        "new-process-selection": f"/projects/{corpus}/process?from=selection",
        "new-process-sets": f"/projects/{corpus}/process?from=sets",
        "models": "/models",
        "model": f"/models/{workshop.model_id}",
        "datasets": f"/projects/{corpus}/datasets",
        "dataset": f"/datasets/{dataset}",
        "exports": f"/projects/{corpus}/exports",
    }
