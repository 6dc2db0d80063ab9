// The menu: always open on a desk, folded away on a phone. Without JavaScript it stays open.

/** Opens or folds `[data-menu]` with the width of the window. */
export function foldingMenu(): void {
  const menu = document.querySelector<HTMLDetailsElement>("details[data-menu]");
  if (!menu) return;
  const desk = window.matchMedia("(min-width: 56.01em)");
  const follow = (): void => {
    menu.open = desk.matches;
  };
  desk.addEventListener("change", follow);
  follow();
}
