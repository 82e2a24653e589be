// One's own code: another before it ends, and the next page when a till has taken it.

import { countdown, listen } from "/static/live.js";
import { go } from "/static/page.js";

export default function code(element) {
  const form = document.querySelector("[data-again]").form;
  countdown(element, Math.max(Number(element.dataset.seconds) - 8, 1), () => form.requestSubmit());
  let first = true;
  listen(element, () => {
    if (!first) go("/wallet");
    first = false;
  });
}
