// What a provider yields (`get`, `post`) and what it gets back (`Reply`).
import { parse } from "./parse.js";
import { Problem } from "./problem.js";
import { hostOf } from "./text.js";

/** One request. The helper numbers it when it is yielded, so that it may be yielded again. */
export class Request {
  constructor(method, url, { grant, tenant, headers = {}, body, note } = {}) {
    Object.assign(this, { method, url, grant, tenant, headers, body, note });
  }
}

export const get = (url, options) => new Request("get", url, options);
export const post = (url, options) => new Request("post", url, options);

/** What a person can do about an answer that is none. */
const REMEDIES = {
  "not-granted": "may not be asked by this plug-in; whoever runs Portico has to approve it",
  "no-token": "needs a new sign-in; sign in again",
  "timed-out": "did not answer in time; try again in a few minutes",
  "too-large": "sent more than Portico takes; tell whoever runs Portico",
  "unreachable": "could not be reached; try again in a few minutes",
  "budget-spent": "was not asked any further, the listing had grown too long; tell whoever runs Portico",
};

function remedy(status) {
  if (status === 401) return "wants a new sign-in (401); sign in again";
  if (status === 403) return "refused (403); its administrators can give you access";
  if (status === 429) return "has had too many requests (429); try again in a few minutes";
  if (status >= 500) return `has trouble of its own (${status}); try again in a few minutes`;
  return `gave an answer that was not expected (${status}); tell whoever runs Portico`;
}

/** An answer, or the reason why there is none: `error` says which, and `status` is 0 then. */
export class Reply {
  constructor(request, outcome) {
    this.request = request;
    const answer = outcome.tag === "ok" ? outcome.val : { status: 0, headers: [], body: "" };
    this.error = outcome.tag === "ok" ? undefined : outcome.val;
    this.status = answer.status;
    this.text = answer.body;
    this.headers = answer.headers;
  }

  get ok() {
    return this.status >= 200 && this.status < 300;
  }

  /** The first header of that name in any spelling. */
  header(name) {
    const wanted = name.toLowerCase();
    return this.headers.find(([each]) => each.toLowerCase() === wanted)?.[1];
  }

  /** The body as JSON; throws `Problem.unexpected` where it is none. */
  json() {
    try {
      return parse(this.text);
    } catch {
      throw Problem.unexpected(`${this.from} sent something that is not JSON`);
    }
  }

  /** Who was asked. */
  get from() {
    return hostOf(this.request.url) || "the cloud";
  }

  /** Why there is nothing to read, and what to do about it: for a warning. */
  get why() {
    return `${this.from} ${this.error ? REMEDIES[this.error] : remedy(this.status)}`;
  }
}
