// The till: a keypad, and looking again whenever the server says that something has happened.

import { countdown, listen } from "/static/live.js";
import { go } from "/static/page.js";

export default function till(element) {
  const again = () => element.isConnected && go(location.href, { push: false }).catch(() => {});
  let first = true; // the stream rings once when it opens
  const ring = () => {
    const waits = element.querySelector("[data-state=waiting], [data-state=pending]");
    if (waits && !first) again();
    first = false;
  };
  listen(element, ring, element.dataset.lost);
  if (element.dataset.seconds) countdown(element, Number(element.dataset.seconds), again);
  const form = element.querySelector("[data-keypad]");
  form?.addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]")?.dataset.key;
    const field = form.elements.amount;
    if (key === "back") field.value = field.value.slice(0, -1);
    else if (key === ".") field.value += event.target.textContent.trim();
    else if (key) field.value += key;
  });
}
