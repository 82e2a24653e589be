// The wallet's header: hide the balance from whoever looks over a shoulder.

const KEY = "hidden";

export default function wallet(element) {
  const button = element.querySelector("[data-hide]");
  const secrets = document.querySelectorAll("[data-secret]");
  const texts = [...secrets].map((one) => one.innerHTML);
  const apply = (isHidden) => {
    secrets.forEach((one, place) => (one.innerHTML = isHidden ? "•••••" : texts[place]));
    button.setAttribute("aria-pressed", String(isHidden));
  };
  button.addEventListener("click", () => {
    const isHidden = button.getAttribute("aria-pressed") !== "true";
    sessionStorage.setItem(KEY, isHidden ? "1" : "");
    apply(isHidden);
  });
  apply(sessionStorage.getItem(KEY) === "1");
}
