// One class becomes the interface `provider` of provider.wit: a function and two resources.
import { IN_COMPONENT, said } from "./fault.js";
import { Problem } from "./problem.js";
import { Reply, Request, Wait } from "./request.js";
import { parts } from "./text.js";
import * as wire from "./wire.js";

/** `export const provider = serve(GitLab);` */
export function serve(Provider) {
  if (typeof Provider !== "function") throw Problem.other("internal", `serve takes a class, not ${Provider === null ? "null" : typeof Provider}`);
  class Configured {
    static create(pairs) {
      return guarded("constructor", () => {
        const configured = new Configured();
        configured.provider = new Provider(settings(Provider.descriptor, pairs));
        return configured;
      });
    }

    discover(person) {
      return guarded("discover", () => new Discovery(this.provider.discover(wire.person(person)), Provider.descriptor.permissions ?? []));
    }
  }
  return { describe: () => described(Provider), Configured, Discovery };
}

/** The descriptor, or one that says what is wrong with it: `describe` has no problem to return. */
function described(Provider) {
  try {
    return wire.descriptor(Provider.descriptor);
  } catch (error) {
    // A test under Node sees it where it was made.
    if (!IN_COMPONENT) throw error;
    return wire.faulty(wire.text(said("descriptor", error), "descriptor"));
  }
}

/** A generator, advanced by the host: each `yield` is a step, each step's responses its value. */
class Discovery {
  constructor(steps, permissions) {
    if (typeof steps?.next !== "function") throw Problem.other("internal", "discover has to be a generator: *discover(person)");
    this.steps = steps;
    this.permissions = permissions;
    this.lastId = 0;
    this.pending = undefined; // what the last step asked for: { requests, one, seconds }
  }

  next(responses) {
    return guarded("discover", () => {
      let replies = this.pending && this.replies(responses);
      for (;;) {
        const { done, value } = this.steps.next(replies);
        if (done) return { tag: "done", val: wire.outcome(value) };
        this.pending = this.numbered(value);
        if (this.pending.requests.size) return { tag: "fetch", val: this.wish() };
        replies = []; // `yield []` asks for nothing and need not go to the host
      }
    });
  }

  numbered(yielded) {
    const { seconds, requests: asked } = yielded instanceof Wait ? yielded : { seconds: 0, requests: yielded };
    const one = !Array.isArray(asked);
    const requests = new Map();
    for (const each of one ? [asked] : asked) {
      if (!(each instanceof Request)) throw Problem.other("internal", "discover may yield requests only: get(…), post(…), a list of them, or wait(seconds, …)");
      requests.set(++this.lastId, each);
    }
    return { one, requests, seconds };
  }

  wish() {
    const requests = [...this.pending.requests];
    const notes = requests.map(([, { note }]) => note).filter(Boolean);
    return {
      requests: requests.map(([id, request]) => wire.request(request, id, this.permission(request))),
      waitSeconds: this.pending.seconds,
      note: notes.length ? wire.text(notes.join("; "), "note") : null,
    };
  }

  permission({ permission: name }) {
    return this.permissions.find((each) => each.name === name);
  }

  /** In the order of the requests, whichever the host answered first. */
  replies(responses) {
    const outcomes = new Map(responses.map(({ id, outcome }) => [id, outcome]));
    const replies = [...this.pending.requests].map(([id, request]) => {
      if (!outcomes.has(id)) throw Problem.unexpected(`the host left request ${id} without a response`);
      return new Reply(request, outcomes.get(id), this.permission(request));
    });
    return this.pending.one ? replies[0] : replies;
  }
}

/**
 * The settings by key, as the host completes them: with defaults, and refused by name. An address
 * loses the slashes at its end: a path is appended to it.
 */
function settings(descriptor, pairs) {
  const given = new Map(pairs);
  const found = {};
  for (const spec of descriptor.settings ?? []) {
    if (spec.kind === "secret") continue; // the host keeps it
    const value = given.get(spec.key) || filled(spec.default, found);
    const wrong = value ? refusal(spec, value) : spec.required && "is missing";
    if (wrong) throw Problem.setting(spec.key, wrong);
    if (value) found[spec.key] = spec.kind === "url" ? value.replace(/\/+$/, "") : value;
  }
  return found;
}

/** A default with the settings before it; undefined where one of them is not given. */
function filled(template, found) {
  const keys = template?.match(/(?<=\{)[^{}]+(?=\})/g) ?? [];
  if (!keys.every((key) => Object.hasOwn(found, key))) return undefined;
  return template?.replace(/\{([^{}]+)\}/g, (_, key) => found[key]);
}

/** Why `value` is not of the setting's kind. */
function refusal({ kind, choices = [] }, value) {
  if (kind === "url" && parts(value)?.rest !== "") return "has to be an address like https://example.com, without ? and #";
  if (kind === "choice" && !choices.includes(value)) return `has to be one of ${choices.join(", ")}`;
  if (kind === "flag" && value !== "true" && value !== "false") return "has to be true or false";
  return undefined;
}

/** Runs one call from the host; what it throws is what provider.wit calls a problem. */
function guarded(where, call) {
  try {
    return call();
  } catch (error) {
    const { tag, val } = error instanceof Problem && !error.internal ? error : Problem.other("internal", said(where, error));
    const safe = typeof val === "string" ? wire.text(val, tag) : val.map((part) => wire.text(part, tag));
    throw { tag, val: safe };
  }
}
