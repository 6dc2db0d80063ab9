// The staff desk: htmx with its event-stream extension, keyboard lists, news, focus on errors, the folding menu.
import "htmx.org/dist/htmx.esm.min.js";
import "htmx.org/dist/ext/hx-sse.min.js";
import { announceSwaps } from "./announce";
import { keyboardLists } from "./lists";
import { foldingMenu } from "./menu";
import { news } from "./news";

keyboardLists();
foldingMenu();
announceSwaps();
news();
