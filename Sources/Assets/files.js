// Files are sent one by one, so that each shows how far it has come and none keeps the others waiting for an answer. Without this they go
// together, and the page that comes back says the same.
(() => {
  const form = document.getElementById("add-pages");
  const list = document.getElementById("files");
  if (!form || !list) return;
  const words = form.dataset;

  const entry = file => {
    const item = document.createElement("li");
    const name = document.createElement("strong");
    const bar = document.createElement("progress");
    const word = document.createElement("span");
    name.textContent = file.name;
    word.textContent = words.waiting;
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", file.name);
    item.append(name, " ", bar, " ", word);
    list.append(item);
    return { item, name, bar, word };
  };

  // What the form's page says of the one file that it was sent.
  const tell = (answer, { item, name, bar, word }) => {
    const made = answer?.querySelector("a[data-added]");
    const faults = [...(answer?.querySelectorAll("[role=alert] li") ?? [])].map(fault => fault.textContent.trim());
    bar.remove();
    if (made) {
      const link = document.createElement("a");
      link.href = made.getAttribute("href");
      link.textContent = name.textContent;
      name.replaceChildren(link);
    }
    item.classList.add(made ? "good" : "bad");
    word.textContent = made ? words.added : faults.join(" ") || words.failed;
    return Boolean(made);
  };

  const send = (file, fields, shown) => new Promise(done => {
    const data = new FormData();
    for (const [name, value] of fields) data.append(name, value);
    data.append("files", file);
    const request = new XMLHttpRequest();
    request.responseType = "document";
    request.upload.addEventListener("progress", event => {
      shown.bar.value = event.total ? event.loaded / event.total : 0;
      shown.word.textContent = event.loaded < event.total ? words.sending : words.checking;
    });
    request.addEventListener("loadend", () => done(tell(request.response, shown)));
    request.open("POST", form.getAttribute("action"));
    request.send(data);
  });

  form.addEventListener("submit", async event => {
    event.preventDefault();
    const files = [...form.elements.files.files];
    const fields = [...new FormData(form)].filter(([name]) => name !== "files");
    const button = form.querySelector("button");
    button.disabled = true;
    list.replaceChildren();
    document.querySelector(".problem, .made")?.remove();
    const shown = files.map(entry);
    let added = 0;
    for (const [index, file] of files.entries()) added += await send(file, fields, shown[index]);
    button.disabled = false;
    form.elements.files.value = "";
    const end = document.createElement("li");
    const link = document.createElement("a");
    const folder = form.elements.folder;
    link.href = folder.value ? `/elements/${folder.value}` : form.getAttribute("action").replace(/\/pages$/, "");
    link.className = "button quiet";
    link.textContent = words.done.replace("#", `${added}/${files.length}`);
    end.append(link);
    list.append(end);
  });
})();
