// Leaves the site at once: a tap on the exit button or Shift three times. Without JavaScript the button is a plain link.
const WAIT_MS = 5000;

const link = document.querySelector<HTMLAnchorElement>("[data-exit]");
if (link) {
  const said = document.createElement("span");
  said.setAttribute("role", "status");
  said.className = "govuk-visually-hidden";
  link.after(said);

  // `replace` keeps this page out of the Back button; the server ends the session and clears what it can.
  const leave = (): void => {
    document.body.hidden = true;
    window.location.replace(link.href);
  };
  link.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });

  let presses = 0;
  let alone = false; // Shift went down and nothing else was typed with it
  let timer = 0;
  const forget = (): void => {
    presses = 0;
    said.textContent = "";
  };
  document.addEventListener("keydown", (event) => {
    alone = event.key === "Shift";
    if (!alone) forget();
  });
  document.addEventListener("keyup", (event) => {
    if (event.key !== "Shift" || !alone) return;
    alone = false;
    presses += 1;
    window.clearTimeout(timer);
    timer = window.setTimeout(forget, WAIT_MS);
    if (presses >= 3) leave();
    else said.textContent = (presses === 1 ? link.dataset.two : link.dataset.one) ?? "";
  });

  // A page kept alive for the Back button is never shown again as it was.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) window.location.reload();
  });
}
