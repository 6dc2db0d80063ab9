// Lists walked with j and k: rows are `[data-row]` inside `[data-list]`, and Enter follows the row's first link.

const typing = (element: Element | null): boolean =>
  element instanceof HTMLInputElement ||
  element instanceof HTMLTextAreaElement ||
  element instanceof HTMLSelectElement ||
  (element instanceof HTMLElement && element.isContentEditable);

function move(step: 1 | -1): boolean {
  const here = document.activeElement?.closest<HTMLElement>("[data-row]");
  const list = here?.closest("[data-list]") ?? document.querySelector("[data-list]");
  const rows = [...(list?.querySelectorAll<HTMLElement>("[data-row]") ?? [])];
  if (rows.length === 0) return false;
  const at = here ? rows.indexOf(here) : step === 1 ? -1 : rows.length;
  const row = rows[Math.min(rows.length - 1, Math.max(0, at + step))];
  row?.focus();
  row?.scrollIntoView({ block: "nearest" });
  return row !== undefined;
}

/** Installs the keys; they are ignored while a field has the focus and together with Ctrl, Alt or Meta. */
export function keyboardLists(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || typing(document.activeElement)) return;
    if (event.key === "j" || event.key === "k") {
      if (move(event.key === "j" ? 1 : -1)) event.preventDefault();
      return;
    }
    const active = document.activeElement;
    if (event.key === "Enter" && active instanceof HTMLElement && active.matches("[data-row]")) {
      active.querySelector<HTMLAnchorElement>("a[href]")?.click();
    }
  });
}
