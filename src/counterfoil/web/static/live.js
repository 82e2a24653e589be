// Being told that something has happened: one stream a page, and a cry when it is lost.

const SILENCE_MS = 12_000; // three beats

/** Call `ring` for every ring; say `lost` over the page while the server cannot be heard. It ends when
 *  the element has left the page. */
export function listen(element, ring, lost) {
  const url = element.dataset.live;
  let heard = Date.now();
  let note = null;
  const source = new EventSource(url);
  const hear = () => {
    heard = Date.now();
    note?.remove();
    note = null;
  };
  const cry = () => {
    if (note || !lost || !element.isConnected) return;
    note = Object.assign(document.createElement("p"), { className: "lost", textContent: lost });
    note.setAttribute("role", "alert");
    document.querySelector("main").prepend(note);
  };
  const stop = () => {
    source.close();
    clearInterval(watch);
    removeEventListener("offline", cry);
    note?.remove();
  };
  source.addEventListener("ring", () => (hear(), element.isConnected ? ring() : stop()));
  source.addEventListener("beat", hear);
  source.addEventListener("error", cry);
  addEventListener("offline", cry);
  const watch = setInterval(() => {
    if (!element.isConnected) stop();
    else if (Date.now() - heard > SILENCE_MS) cry();
  }, 500);
}

/** Let a bar run down; call `done` at its end. */
export function countdown(element, seconds, done) {
  const bar = element.querySelector("progress");
  const end = Date.now() + seconds * 1000;
  const tick = setInterval(() => {
    const left = Math.max(end - Date.now(), 0) / 1000;
    if (bar) bar.value = left;
    if (!element.isConnected) return clearInterval(tick);
    if (left === 0) (clearInterval(tick), done());
  }, 500);
}
