// Says to assistive technology what a swap changed, and moves the focus to the error summary when there is one.

/** Writes a sentence into the page's one live region. */
export function announce(text: string): void {
  const region = document.getElementById("ra-status");
  if (region) region.textContent = text;
}

function focusErrors(): void {
  document.querySelector<HTMLElement>(".govuk-error-summary")?.focus();
}

/** Watches htmx swaps: `[data-announce]` in what arrived is read out; an error summary takes the focus. */
export function announceSwaps(): void {
  focusErrors();
  document.addEventListener("htmx:after:swap", (event) => {
    const target = event.target instanceof Element ? event.target : document.body;
    const said = target.closest("[data-announce]") ?? target.querySelector("[data-announce]");
    if (said instanceof HTMLElement && said.dataset.announce) announce(said.dataset.announce);
    if (target.querySelector(".govuk-error-summary")) focusErrors();
  });
}
