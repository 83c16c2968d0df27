import { computed, signal } from "@preact/signals";
import PATHS from "./paths.json";

/** Every page of the app and its path. `/` is Today, which people open the app for. The build makes a file for each. */
export { PATHS };

export type PageName = keyof typeof PATHS;

export interface Place {
  page: PageName | null;
  query: URLSearchParams;
}

/** The page of an address; `page` is null if there is none. */
export function placeOf(pathname: string, search: string): Place {
  const path = pathname.length > 1 ? pathname.replace(/\/+$/, "") || "/" : "/";
  const known = (Object.keys(PATHS) as PageName[]).find((page) => PATHS[page] === path);
  return { page: known ?? null, query: new URLSearchParams(search) };
}

/** The address of a page with a query; empty values are left out. */
export function addressOf(page: PageName, query: Record<string, string | number | null | undefined> = {}) {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== null && value !== undefined && value !== "") params.set(name, String(value));
  const search = params.toString();
  return PATHS[page] + (search ? `?${search}` : "");
}

const address = signal(location.pathname + location.search);

/** True after a move inside the app: only then does the focus go to the new heading. */
export const hasMoved = signal(false);

export const place = computed(() => {
  const url = new URL(address.value, location.origin);
  return placeOf(url.pathname, url.search);
});

export function go(to: string, { replace = false } = {}) {
  if (to === address.peek()) return;
  const fromPage = place.peek().page;
  history[replace ? "replaceState" : "pushState"](null, "", to);
  address.value = to;
  if (place.peek().page !== fromPage || !replace) {
    hasMoved.value = true;
    scrollTo(0, 0);
  }
}

/** Back to the previous page; to the start page for those who came from outside. */
export function goBack() {
  if (hasMoved.peek()) history.back();
  else go(PATHS.today);
}

/** Changes the query of the present page without a new history entry. */
export function stay(query: Record<string, string | number | null | undefined>) {
  const page = place.peek().page;
  if (page) go(addressOf(page, query), { replace: true });
}

/** Whether a click on this link is ours to handle: a plain click on an address inside the app. */
export function isOurs(event: MouseEvent, link: HTMLAnchorElement): boolean {
  if (event.defaultPrevented || event.button !== 0) return false;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return false;
  if (link.target || link.hasAttribute("download") || link.origin !== location.origin) return false;
  return placeOf(link.pathname, link.search).page !== null && !link.getAttribute("href")?.startsWith("#");
}

/** Plain `<a href>` everywhere: one listener turns them into moves. */
export function followLinks(root: Document) {
  root.addEventListener("click", (event) => {
    const link = (event.target as Element | null)?.closest?.("a");
    if (!link || !isOurs(event, link)) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
  addEventListener("popstate", () => {
    address.value = location.pathname + location.search;
    hasMoved.value = true;
  });
}
