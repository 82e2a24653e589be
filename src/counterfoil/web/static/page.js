// What every page does where there is JavaScript: forms are posted without leaving the page, and the
// answer's <main> takes the old one's place. Every form works the same without this module.

const root = document.documentElement;
root.classList.add("js");

/** Put another page's <main> into this one, and start what it brings. */
export function show(html, url, { push = true } = {}) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const [fresh, old] = [page.querySelector("main"), document.querySelector("main")];
  if (!fresh || !old) return location.assign(url);
  document.title = page.title;
  old.replaceWith(document.adoptNode(fresh));
  if (push && url !== location.href) history.pushState({}, "", url);
  start(fresh);
  fresh.focus({ preventScroll: true });
  scrollTo(0, 0);
}

/** Ask for a page, or post a form to it, and show what comes. */
export async function go(url, { form = null, push = true } = {}) {
  const answer = await fetch(url, {
    method: form ? "POST" : "GET",
    body: form,
    headers: { accept: "text/html" },
    credentials: "same-origin",
  });
  const kind = answer.headers.get("content-type") ?? "";
  if (!kind.startsWith("text/html")) return location.assign(url);
  show(await answer.text(), answer.url, { push });
}

async function post(event) {
  const form = event.target;
  if (event.defaultPrevented || event.submitter?.formMethod === "get" || form.method !== "post" || "plain" in form.dataset) return;
  event.preventDefault();
  if (form.classList.contains("busy")) return; // a second tap is no second payment
  form.classList.add("busy");
  try {
    if (form.dataset.passkey || form.dataset.passkeyMake) {
      const { answer } = await import("/static/passkey.js");
      form.elements.answer.value = await answer(form);
    }
    const fields = new FormData(form, event.submitter);
    const body = form.enctype === "multipart/form-data" ? fields : new URLSearchParams(fields);
    await go(form.action, { form: body });
  } catch (error) {
    form.classList.remove("busy");
    const isPasskey = error instanceof DOMException;
    say(form, document.body.dataset[isPasskey ? "nopasskey" : "offline"]);
  }
}

/** Say something beside a form, for eyes and screen readers. */
export function say(form, text) {
  let note = form.querySelector("[data-said]");
  if (!note) {
    note = Object.assign(document.createElement("p"), { className: "note bad" });
    note.dataset.said = "";
    note.setAttribute("role", "alert");
    form.prepend(note);
  }
  note.textContent = text;
}

/** Start the modules that a part of a page names: <div data-module="/static/till.js?…">. */
export function start(part) {
  for (const element of part.querySelectorAll("[data-module]")) {
    import(element.dataset.module).then((module) => module.default(element));
  }
  for (const select of part.querySelectorAll("select[data-submit]")) {
    select.addEventListener("change", () => select.form.requestSubmit());
  }
}

document.addEventListener("submit", post);
addEventListener("popstate", () => go(location.href, { push: false }).catch(() => location.reload()));
start(document);
