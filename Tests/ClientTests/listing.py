"""Logs in and lists, with whichever arkindex-client runs it: URL EMAIL PASSWORD CORPUS → JSON on standard output."""

import json
import sys
from importlib.metadata import version

from arkindex import ArkindexClient

url, email, password, corpus = sys.argv[1:]
client = ArkindexClient(base_url=url)
user = client.login(email, password)
elements = client.paginate("ListElements", corpus=corpus, type="page", page_size=20)
names = [element["name"] for element in elements]
json.dump(
    {
        "client": version("arkindex-client"),
        "user": user["email"],
        "pages": elements.pages_count,
        "names": names,
    },
    sys.stdout,
)
