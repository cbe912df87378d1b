// Forms send without this. With it, nothing typed is lost when an answer is none that can be shown, a second press sends nothing, and the
// focus comes back to what was saved.
(() => {
  const words = document.body.dataset;
  const isOnItsWay = form => form.getAttribute("aria-busy") === "true";
  const release = () => { for (const form of document.querySelectorAll("form[aria-busy]")) form.removeAttribute("aria-busy"); };

  // Before htmx, which would send the second one after the first.
  document.addEventListener("submit", event => {
    if (!isOnItsWay(event.target)) return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
  // What a script sends is told by htmx, and a form that fetches a file leaves its page as it is.
  document.addEventListener("submit", event => {
    if (event.defaultPrevented || event.target.method !== "post" || "fetches" in event.target.dataset) return;
    event.target.setAttribute("aria-busy", "true");
  });
  // A page that comes back from the browser's memory, or was kept from leaving, can send again.
  addEventListener("pageshow", release);
  document.addEventListener("keydown", event => { if (event.key === "Escape") release(); });

  const isSent = detail => detail.elt.matches("form") && detail.requestConfig.verb !== "get";
  let opener = null;
  document.addEventListener("htmx:beforeRequest", event => {
    if (!isSent(event.detail)) return;
    event.detail.elt.setAttribute("aria-busy", "true");
    opener = event.detail.elt.closest("details")?.querySelector("summary").id ?? null;
  });
  document.addEventListener("htmx:afterRequest", event => {
    if (isSent(event.detail)) event.detail.elt.removeAttribute("aria-busy");
  });

  // The form stays with what was typed into it, under what is wrong; signing in happens beside it.
  const tell = (form, sent) => {
    const answer = sent && new DOMParser().parseFromString(sent, "text/html").getElementById("refusal");
    const message = document.createElement("div");
    message.className = "problem unsent";
    message.setAttribute("role", "alert");
    const parts = answer ? [...answer.querySelectorAll("p.said")].map(part => document.importNode(part, true)) : [];
    for (const link of parts.flatMap(part => [...part.querySelectorAll("a")])) link.target = "_blank";
    const kept = document.createElement("p");
    kept.textContent = parts.length ? words.kept : words.unsent;
    message.append(...parts, kept);
    if (form.previousElementSibling?.matches(".unsent")) form.previousElementSibling.remove();
    form.before(message);
  };
  // What cannot be swapped in is shown as the page that it is, where there is such a page.
  document.addEventListener("htmx:responseError", event => {
    const { elt, requestConfig, xhr } = event.detail;
    if (isSent(event.detail)) tell(elt, xhr.responseText);
    else location.assign(requestConfig.path);
  });
  document.addEventListener("htmx:sendError", event => { if (isSent(event.detail)) tell(event.detail.elt); });

  // htmx gives the focus back to what has the same id. What is gone, or closed now, leaves it to what opened it.
  document.addEventListener("htmx:afterSettle", event => {
    const { elt, requestConfig } = event.detail;
    if (!requestConfig || requestConfig.verb === "get" || elt.closest("dialog")) return;
    const token = elt.querySelector("input[name=csrf]")?.value;
    for (const field of token ? document.querySelectorAll("input[name=csrf]") : []) field.value = token;
    const active = document.activeElement;
    if (active && active !== document.body && active.checkVisibility()) return;
    (document.getElementById(opener) ?? document.getElementById("results"))?.focus();
  });
})();
