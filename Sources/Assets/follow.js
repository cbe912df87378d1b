// A page that follows something asks for it again and again, and leaves alone what somebody is using just then.
(() => {
  const answers = new Map();
  let held = false;

  const isMarked = element => {
    const marked = getSelection();
    return !marked.isCollapsed && marked.rangeCount > 0 && marked.getRangeAt(0).intersectsNode(element);
  };
  // htmx gives the focus back to what has an id.
  const isInUse = element => {
    const active = document.activeElement;
    return isMarked(element) || element.matches(":active") || (element.contains(active) && !active.id);
  };

  document.addEventListener("htmx:beforeRequest", event => {
    if (event.detail.elt.matches("[data-follow]") && isInUse(event.detail.elt)) event.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", event => {
    const { elt, serverResponse } = event.detail;
    if (!elt.matches("[data-follow]")) return;
    // It may have been taken in hand while the answer was on its way. What is the same needs no change.
    if (isInUse(elt) || answers.get(elt.id) === serverResponse) event.detail.shouldSwap = false;
    else answers.set(elt.id, serverResponse);
    held = elt.contains(document.activeElement);
  });
  // What had the focus may be there no longer.
  document.addEventListener("htmx:afterSettle", event => {
    if (event.detail.elt.matches("[data-follow]") && held && document.activeElement === document.body) document.getElementById("main").focus();
  });
  // A log grows: what is marked in it stays marked, and who reads above its end stays there.
  document.addEventListener("htmx:oobBeforeSwap", event => {
    const { target, fragment } = event.detail;
    if (target.id !== "log-text") return;
    event.detail.shouldSwap = false;
    const [before, after] = [target.textContent, fragment.textContent];
    const wasAtEnd = target.scrollTop + target.clientHeight >= target.scrollHeight - 4;
    if (after.startsWith(before)) target.append(after.slice(before.length));
    else target.textContent = after;
    if (wasAtEnd) target.scrollTop = target.scrollHeight;
  });
})();
