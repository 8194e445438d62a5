// What a provider yields (`get`, `post`, `wait`) and receives (`Reply`).
import { parse } from "./parse.js";
import { Problem } from "./problem.js";
import { hostOf } from "./text.js";

// The headers that need no declaration in a permission.
const REQUEST_HEADERS = ["accept", "accept-language", "content-type", "range"];
const REQUEST_PREFIXES = ["x-ms-", "x-amz-", "x-goog-", "x-github-"];
const REPLY_HEADERS = [
  "content-type", "etag", "link", "next-range", "x-next-page", "retry-after", "www-authenticate",
  "x-ms-request-id", "x-ms-correlation-request-id", "x-request-id",
];

const among = (names = [], wanted) => names.some((name) => name.toLowerCase() === wanted);

/** Whether the host sends this header, in lower case, with a request under `permission`. */
export function maySend(name, permission) {
  return REQUEST_HEADERS.includes(name) || among(permission?.requestHeaders, name) ||
    REQUEST_PREFIXES.some((prefix) => name.startsWith(prefix));
}

/** Whether a provider gets this header, in lower case, of a reply under `permission`. */
export function mayRead(name, permission) {
  return REPLY_HEADERS.includes(name) || among(permission?.replyHeaders, name);
}

/** One request. It gets its id when it is yielded, so the same request may be yielded again. */
export class Request {
  constructor(method, url, { permission, tenant, headers = {}, body, note, ...rest } = {}) {
    const unknown = Object.keys(rest);
    if (unknown.length) throw Problem.other("internal", `a request has no option ${unknown.join(", ")}`);
    Object.assign(this, { method, url, permission, tenant, headers, body, note });
  }
}

export const get = (url, options) => new Request("get", url, options);
export const post = (url, options) => new Request("post", url, options);

/** Requests that the host sends after a wait. */
export class Wait {
  constructor(seconds, requests) {
    if (!(seconds >= 0 && seconds <= 3600)) throw Problem.other("internal", "wait takes a number of seconds from 0 to 3600");
    Object.assign(this, { seconds: Math.ceil(seconds), requests });
  }
}

/** `yield wait(seconds, get(…))`, also with a list. The wait counts towards the time of the listing. */
export const wait = (seconds, requests) => new Wait(seconds, requests);

/** Why a request has no reply, and what a person can do. */
const REMEDIES = {
  "not-permitted": "may not be asked by this plug-in; the operator of Portico has to permit it",
  "no-token": "needs a new sign-in; sign in again",
  "token-refused": "gave no token for this tenant; sign in to the tenant again",
  "timed-out": "did not answer in time; try again in a few minutes",
  "too-large": "sent more than Portico takes; tell the operator of Portico",
  "unreachable": "could not be reached; try again in a few minutes",
  "budget-spent": "was not asked any further, the listing had grown too long; tell the operator of Portico",
  "refused": "sent a reply with a token in it, which Portico refused; tell the operator of Portico",
};

function remedy(status) {
  if (status === 401) return "wants a new sign-in (401); sign in again";
  if (status === 403) return "refused (403); its administrators can give you access";
  if (status === 429) return "has had too many requests (429); try again in a few minutes";
  if (status >= 500) return `has trouble of its own (${status}); try again in a few minutes`;
  return `gave an answer that was not expected (${status}); tell the operator of Portico`;
}

/** The refusal of a token in a reply with status 0, which no cloud can send. */
function refusal(body) {
  const { error, suberror, claims, error_codes: numbers = [] } = parse(body);
  return { error, suberror, claims, numbers };
}

/** A reply. If there is none, `error` is the reason and `status` is 0; `refusal` says why a tenant refused a token. */
export class Reply {
  #permission;

  constructor(request, outcome, permission) {
    const reply = outcome.tag === "ok" ? outcome.val : { status: 0, headers: [], body: "" };
    this.#permission = permission;
    this.request = request;
    this.error = outcome.tag === "ok" ? undefined : outcome.val;
    if (outcome.tag === "ok" && reply.status === 0) {
      this.error = "token-refused";
      this.refusal = refusal(reply.body);
    }
    this.status = reply.status;
    this.text = reply.body;
    this.headers = reply.headers;
  }

  get ok() {
    return this.status >= 200 && this.status < 300;
  }

  /** The first header of that name. Throws for a header that the host withholds. */
  header(name) {
    const wanted = name.toLowerCase();
    if (!mayRead(wanted, this.#permission)) {
      const where = this.request.permission ? `the permission ${this.request.permission}` : "a permission for this request";
      throw Problem.other("internal", `the host does not hand over the header ${wanted}; name it in replyHeaders of ${where}`);
    }
    return this.headers.find(([each]) => each.toLowerCase() === wanted)?.[1];
  }

  /** The seconds in `Retry-After` of a 429 or 503. A date is ignored, because a provider has no clock. */
  get retryAfter() {
    const value = this.status === 429 || this.status === 503 ? this.header("retry-after")?.trim() : undefined;
    return /^\d{1,9}$/.test(value ?? "") ? Number(value) : undefined;
  }

  /** The body as JSON. Throws `Problem.unexpected` if it is not JSON. */
  json() {
    try {
      return parse(this.text);
    } catch {
      throw Problem.unexpected(`${this.from} sent something that is not JSON`);
    }
  }

  /** The host that was asked. */
  get from() {
    return hostOf(this.request.url) || "the cloud";
  }

  /** Why the request failed and what to do, for a warning. */
  get why() {
    return `${this.from} ${this.error ? REMEDIES[this.error] : remedy(this.status)}`;
  }
}
