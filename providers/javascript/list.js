// Lists in pages. An error ends a list with a warning and keeps the entries so far, so that a login never
// fails because of one page.
import { Request, wait } from "./request.js";
import { sameOrigin } from "./text.js";

const MAX_PAGES = 100;
const MAX_ENTRIES = 10_000; // the host's limit
const MAX_RETRIES = 2; // of one page
const MAX_WAIT = 10; // seconds before a retry; a whole listing has 20

/**
 * `const { found, warnings } = yield* list(get(…), { what, read, next });`
 *
 * - `what`: a name of the entries in the plural ("groups")
 * - `read(entry)`: the value of an entry, with an `id`; undefined or an error skips the entry
 * - `next(reply)`: the request for the next page; undefined, null or "" ends the list
 * - `entries(body)`: the list in a page's JSON; the whole body if left out
 */
export function* list(first, { what, read, next, entries = (body) => body }) {
  const found = new Map(); // by id, because a list that changes between two pages repeats an entry
  const requested = new Set();
  let request = first;
  let error;
  let skipped = 0;
  let left = MAX_ENTRIES;
  while (request && !error) {
    requested.add(signature(request));
    const reply = yield* fetched(request);
    const page = reply.ok ? attempt(() => entries(reply.json())) : undefined;
    if (!Array.isArray(page)) {
      error = reply.ok ? `${reply.from} sent an answer that this plug-in does not understand; ` +
        "try again, and if it stays tell the operator of Portico" : reply.why;
      break;
    }
    for (const entry of page.slice(0, left)) {
      const value = attempt(() => read(entry));
      if (value === undefined || value === null) skipped += 1;
      else if (!found.has(value.id)) found.set(value.id, value);
    }
    if (page.length > left) {
      error = `only the first ${MAX_ENTRIES} entries were read`;
      break;
    }
    left -= page.length;
    request = next?.(reply);
    // 206 is a part of a list (RFC 9110 section 15.3.7), so there should be a next page.
    if (!request && reply.status === 206) error = `${reply.from} sent a part of the list and did not say where the rest is; tell the operator of Portico`;
    else error = request && refusal(request, first, requested);
  }
  return { found: [...found.values()], warnings: warnings(what, found.size, error, skipped) };
}

/** The reply to one page, after retries for a 429 or 503 with `Retry-After`. */
function* fetched(request) {
  let reply = yield request;
  for (let retry = 0; retry < MAX_RETRIES && reply.retryAfter <= MAX_WAIT; retry += 1) {
    reply = yield wait(reply.retryAfter, request);
  }
  return reply;
}

/** Why the next page is not requested. The token must not be sent to another origin. */
function refusal(request, first, requested) {
  if (!(request instanceof Request)) return "this plug-in named no proper next page; tell the operator of Portico";
  if (!sameOrigin(request.url, first.url)) return "the next page is on another host and was not fetched; tell the operator of Portico";
  if (requested.has(signature(request))) return "the pages go round in a circle; tell the operator of Portico";
  if (requested.size >= MAX_PAGES) return `only the first ${MAX_PAGES} pages were read`;
  return undefined;
}

function warnings(what, count, error, skipped) {
  const texts = [];
  if (error) texts.push(`${count ? `Some ${what} are missing` : `No ${what} could be listed`}: ${error}.`);
  if (skipped) texts.push(`${skipped} of the ${what} ${skipped === 1 ? "was" : "were"} passed over: this plug-in does not understand the entry; an update of it may help.`);
  return texts;
}

function signature({ method, url, headers, body }) {
  return JSON.stringify([method, url, headers, body]);
}

function attempt(step) {
  try {
    return step();
  } catch {
    return undefined;
  }
}
