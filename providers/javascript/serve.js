// Exports a class as the interface `provider` of provider.wit: a function and two resources.
import { IN_COMPONENT, describe } from "./fault.js";
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

/** The descriptor, or one that reports its fault: `describe` in provider.wit cannot fail. */
function described(Provider) {
  try {
    return wire.descriptor(Provider.descriptor);
  } catch (error) {
    // A test under Node sees the original error.
    if (!IN_COMPONENT) throw error;
    return wire.faulty(wire.text(describe("descriptor", error), "descriptor"));
  }
}

/** Advances a generator for the host: it yields the requests of a step and receives their responses. */
class Discovery {
  constructor(steps, permissions) {
    if (typeof steps?.next !== "function") throw Problem.other("internal", "discover has to be a generator: *discover(person)");
    this.steps = steps;
    this.permissions = permissions;
    this.lastId = 0;
    this.pending = undefined; // the last step: { requests, isSingle, seconds }
  }

  next(responses) {
    return guarded("discover", () => {
      let replies = this.pending && this.replies(responses);
      for (;;) {
        const { done, value } = this.steps.next(replies);
        if (done) return { tag: "done", val: wire.outcome(value) };
        this.pending = this.withIds(value);
        if (this.pending.requests.size) return { tag: "fetch", val: this.fetchStep() };
        replies = []; // the host need not be called for `yield []`
      }
    });
  }

  withIds(yielded) {
    const step = yielded instanceof Wait ? yielded : { seconds: 0, requests: yielded };
    const isSingle = !Array.isArray(step.requests);
    const requests = new Map();
    for (const each of isSingle ? [step.requests] : step.requests) {
      if (!(each instanceof Request)) throw Problem.other("internal", "discover may yield requests only: get(…), post(…), a list of them, or wait(seconds, …)");
      requests.set(++this.lastId, each);
    }
    return { isSingle, requests, seconds: step.seconds };
  }

  fetchStep() {
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

  /** The replies in the order of the requests. */
  replies(responses) {
    const outcomes = new Map(responses.map(({ id, outcome }) => [id, outcome]));
    const replies = [...this.pending.requests].map(([id, request]) => {
      if (!outcomes.has(id)) throw Problem.unexpected(`the host left request ${id} without a response`);
      return new Reply(request, outcomes.get(id), this.permission(request));
    });
    return this.pending.isSingle ? replies[0] : replies;
  }
}

/**
 * The settings by key, with defaults, checked as the host does it. Trailing slashes of addresses are
 * removed, because providers append paths.
 */
function settings(descriptor, pairs) {
  const given = new Map(pairs);
  const found = {};
  for (const spec of descriptor.settings ?? []) {
    if (spec.kind === "secret") continue; // only the host reads it
    const value = given.get(spec.key) || filled(spec.default, found);
    const refused = value ? refusal(spec, value) : spec.required && "is missing";
    if (refused) throw Problem.setting(spec.key, refused);
    if (value) found[spec.key] = spec.kind === "url" ? value.replace(/\/+$/, "") : value;
  }
  return found;
}

/** A default filled with the settings before it; undefined if one of them has no value. */
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

/** Runs a call of the host. Any error becomes a `problem` of provider.wit. */
function guarded(where, call) {
  try {
    return call();
  } catch (error) {
    const { tag, val } = error instanceof Problem && !error.internal ? error : Problem.other("internal", describe(where, error));
    const safe = typeof val === "string" ? wire.text(val, tag) : val.map((part) => wire.text(part, tag));
    throw { tag, val: safe };
  }
}
