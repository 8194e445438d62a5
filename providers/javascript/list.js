// Lists that come in pages. Whatever goes wrong on the way ends the list with a warning and keeps
// what was found: a login never fails because one page did.
import { Request, wait } from "./request.js";
import { sameOrigin } from "./text.js";

const MAX_PAGES = 100;
const MAX_ENTRIES = 10_000; // the host takes no longer list
const MAX_RETRIES = 2; // of one page
const MAX_WAIT = 10; // seconds before one of them: the host gives a whole listing 20

/**
 * `const { found, warnings } = yield* list(get(…), { what, read, next });`
 *
 * - `what`: the entries' name in the plural, as a person says it ("groups")
 * - `read(entry)`: what an entry stands for, with an `id`; undefined or an error passes it over
 * - `next(reply)`: the request for the next page; undefined, null or "" ends the list
 * - `entries(body)`: the list in a page's JSON; the whole body if left out
 */
export function* list(first, { what, read, next, entries = (body) => body }) {
  const found = new Map(); // by id: a list that shifts between two pages repeats an entry
  const asked = new Set();
  let request = first;
  let trouble;
  let odd = 0;
  let left = MAX_ENTRIES;
  while (request && !trouble) {
    asked.add(signature(request));
    const reply = yield* fetched(request);
    const page = reply.ok ? attempt(() => entries(reply.json())) : undefined;
    if (!Array.isArray(page)) {
      trouble = reply.ok ? `${reply.from} sent an answer that this plug-in does not understand; ` +
        "try again, and if it stays tell the operator of Portico" : reply.why;
      break;
    }
    for (const entry of page.slice(0, left)) {
      const value = attempt(() => read(entry));
      if (value === undefined || value === null) odd += 1;
      else if (!found.has(value.id)) found.set(value.id, value);
    }
    if (page.length > left) {
      trouble = `only the first ${MAX_ENTRIES} entries were read`;
      break;
    }
    left -= page.length;
    request = next?.(reply);
    // 206 is a part of a list (RFC 9110 section 15.3.7): the rest has to be somewhere.
    if (!request && reply.status === 206) trouble = `${reply.from} sent a part of the list and did not say where the rest is; tell the operator of Portico`;
    else trouble = request && obstacle(request, first, asked);
  }
  return { found: [...found.values()], warnings: warnings(what, found.size, trouble, odd) };
}

/** The reply to one page, which a 429 or 503 with `Retry-After` only puts off. */
function* fetched(request) {
  let reply = yield request;
  for (let retry = 0; retry < MAX_RETRIES && reply.retryAfter <= MAX_WAIT; retry += 1) {
    reply = yield wait(reply.retryAfter, request);
  }
  return reply;
}

/** Why the next page is not fetched. A token must never follow a link out of its origin. */
function obstacle(request, first, asked) {
  if (!(request instanceof Request)) return "this plug-in named no proper next page; tell the operator of Portico";
  if (!sameOrigin(request.url, first.url)) return "the next page is on another host and was not fetched; tell the operator of Portico";
  if (asked.has(signature(request))) return "the pages go round in a circle; tell the operator of Portico";
  if (asked.size >= MAX_PAGES) return `only the first ${MAX_PAGES} pages were read`;
  return undefined;
}

function warnings(what, count, trouble, odd) {
  const said = [];
  if (trouble) said.push(`${count ? `Some ${what} are missing` : `No ${what} could be listed`}: ${trouble}.`);
  if (odd) said.push(`${odd} of the ${what} ${odd === 1 ? "was" : "were"} passed over: this plug-in does not understand the entry; an update of it may help.`);
  return said;
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
