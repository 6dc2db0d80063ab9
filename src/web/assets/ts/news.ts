// "3 novedades - mostrar": counts `news` events of a stream and offers them, never moving rows under the reader.
import { announce } from "./announce";

const STREAMS = "[hx-sse\\:connect]";

interface News {
  n?: number;
}

function wordsFor(box: HTMLElement, count: number): string {
  const words = (count === 1 ? box.dataset.one : box.dataset.many) ?? "%n%";
  return words.replace("%n%", String(count));
}

function amount(event: Event): number {
  const data: unknown = (event as CustomEvent<{ data?: string } | undefined>).detail?.data;
  if (typeof data !== "string") return 1;
  try {
    return (JSON.parse(data) as News | null)?.n ?? 1;
  } catch {
    return 1;
  }
}

function follow(box: HTMLElement): void {
  const button = box.querySelector<HTMLElement>("[data-news-show]");
  if (!button || box.dataset.newsReady !== undefined) return;
  box.dataset.newsReady = "";
  let count = 0;
  box.addEventListener("news", (event) => {
    count += amount(event);
    button.textContent = wordsFor(box, count);
    button.hidden = false;
    announce(button.textContent);
  });
  // The button is a link to the same list: htmx swaps the rows in, otherwise the page is loaded again.
  button.addEventListener("click", () => {
    count = 0;
    button.hidden = true;
  });
}

/** Wires every `[data-news]` box, also those that a swap brings in. */
export function news(): void {
  const all = (): void => document.querySelectorAll<HTMLElement>("[data-news]").forEach(follow);
  all();
  document.addEventListener("htmx:after:swap", all);
  // A page that is left ends its streams itself and begins none any more: cut off while one connects, it would be reported as a fault of the page.
  let leaving = false;
  window.addEventListener("pageshow", () => (leaving = false));
  window.addEventListener("beforeunload", () => {
    leaving = true;
    document.querySelectorAll(STREAMS).forEach((box) => box.dispatchEvent(new Event("htmx:abort")));
  });
  document.addEventListener("htmx:before:request", (event) => {
    if (leaving && (event.target as Element).matches?.(STREAMS)) event.preventDefault();
  });
}
