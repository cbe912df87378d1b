"""The address of every page, over the archive."""

from archive import Archive


def places(archive: Archive) -> dict[str, str]:
    corpus = archive.scenario.corpus["id"]
    process, run = archive.process.id, archive.process.run
    return {
        "projects": "/projects",
        "project": f"/projects/{corpus}",
        "found-by-run": f"/projects/{corpus}?worker_run={run}&view=list",
        "nothing-found": f"/projects/{corpus}?name=zzz",
        "folder": f"/elements/{archive.scenario.folder['id']}",
        "page": f"/elements/{archive.page['id']}",
        "edit-element": f"/elements/{archive.page['id']}/edit",
        "add-pages": f"/projects/{corpus}/pages?folder={archive.scenario.folder['id']}",
        "selection": f"/projects/{corpus}/selection",
        "more-filters": f"/projects/{corpus}?more=1",
        "line": f"/elements/{archive.line['id']}",
        "project-runs": f"/projects/{corpus}/runs",
        "run": f"/runs/{run}",
        "processes": "/processes",
        "process": f"/processes/{process}",
        "task": f"/tasks/{archive.process.tasks()[0]['id']}",
        "new-process": f"/projects/{corpus}/process",
        "add-worker": f"/processes/{process}/workers",
        "configuration": f"/worker-runs/{run}/configuration",
        "delete-results": f"/projects/{corpus}/deletion?worker_run={run}",
        "deletions": f"/projects/{corpus}/deletions",
        "jobs": "/jobs",
        "workers": "/workers",
        "worker": f"/workers/{archive.worker.id}",
        "account": "/account",
        "users": "/users",
        "audit": "/audit",
        "settings": "/settings",
    }
