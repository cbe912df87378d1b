// Pages work without this. With it, details open over the page, keys turn pages, and entities have their colours.
(() => {
  const dialog = document.getElementById("dialog");
  const paint = root => {
    for (const mark of root.querySelectorAll("mark[data-color]")) mark.style.setProperty("--entity", "#" + mark.dataset.color);
  };

  document.addEventListener("htmx:afterSwap", event => {
    if (event.detail.target?.id === "dialog-content" && !dialog.open) dialog.showModal();
    paint(document);
  });
  dialog?.addEventListener("click", event => {
    if (event.target === dialog) dialog.close();
  });
  document.addEventListener("keydown", event => {
    if (event.altKey || event.ctrlKey || event.metaKey || dialog?.open) return;
    if (event.target.closest("input, select, textarea, [contenteditable], .stage")) return;
    const relation = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
    if (relation) document.querySelector(`a[rel=${relation}]`)?.click();
  });
  for (const code of document.querySelectorAll("code[data-copy]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet copy";
    button.textContent = code.dataset.copy;
    button.setAttribute("aria-label", `${code.dataset.copy} ${code.textContent}`);
    button.addEventListener("click", () => navigator.clipboard.writeText(code.textContent).then(() => button.classList.add("done")));
    code.after(button);
  }
  paint(document);
})();
