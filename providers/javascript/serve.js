// One class becomes the interface `provider` of provider.wit: a function and two resources.
import { parse } from "./parse.js";
import { Problem } from "./problem.js";
import { Reply, Request } from "./request.js";
import { isOdd, parts } from "./text.js";
import * as wire from "./wire.js";

/** `export const provider = serve(GitLab);` */
export function serve(Provider) {
  class Configured {
    static create(pairs, tenant) {
      return guarded(() => {
        const configured = new Configured();
        configured.provider = new Provider(settings(Provider.descriptor, pairs), tenant ?? undefined);
        return configured;
      });
    }

    signIn() {
      return wire.signIn(this.provider.signIn());
    }

    identify(claims) {
      return guarded(() => wire.identity(this.provider.identify(parseClaims(claims))));
    }

    discover(identity) {
      return guarded(() => {
        const plain = { ...identity, username: identity.username ?? undefined, extra: Object.fromEntries(identity.extra) };
        return new Discovery(this.provider.discover(plain));
      });
    }
  }
  return { describe: () => wire.descriptor(Provider.descriptor), Configured, Discovery };
}

/** A generator, advanced by the host: each `yield` is a step, each step's responses its value. */
class Discovery {
  constructor(steps) {
    if (typeof steps?.next !== "function") throw Problem.other("internal", "discover has to be a generator: *discover(identity)");
    this.steps = steps;
    this.lastId = 0;
    this.waiting = undefined; // what the last step asked for: { requests, one }
  }

  next(responses) {
    return guarded(() => {
      let answer = this.waiting && this.answers(responses);
      for (;;) {
        const { done, value } = this.steps.next(answer);
        if (done) return { tag: "done", val: wire.outcome(value) };
        this.waiting = this.wait(value);
        if (this.waiting.requests.size) return { tag: "fetch", val: this.wish() };
        answer = []; // `yield []` asks for nothing and need not go to the host
      }
    });
  }

  wait(yielded) {
    const one = !Array.isArray(yielded);
    const requests = new Map();
    for (const each of one ? [yielded] : yielded) {
      if (!(each instanceof Request)) throw Problem.other("internal", "discover may yield requests only: get(…), post(…) or a list of them");
      requests.set(++this.lastId, each);
    }
    return { one, requests };
  }

  wish() {
    const requests = [...this.waiting.requests];
    const notes = requests.map(([, { note }]) => note).filter(Boolean);
    return {
      requests: requests.map(([id, request]) => wire.request(request, id)),
      note: notes.length ? wire.text(notes.join("; "), "note") : null,
    };
  }

  /** In the order of the requests, whichever the host answered first. */
  answers(responses) {
    const outcomes = new Map(responses.map(({ id, outcome }) => [id, outcome]));
    const replies = [...this.waiting.requests].map(([id, request]) => {
      if (!outcomes.has(id)) throw Problem.unexpected(`the host left request ${id} without a response`);
      return new Reply(request, outcomes.get(id));
    });
    return this.waiting.one ? replies[0] : replies;
  }
}

/** By key, with defaults. An address loses its last slash: what follows is put behind it. */
function settings(descriptor, pairs) {
  const given = new Map(pairs);
  const found = {};
  for (const { key, kind, required, default: usual } of descriptor.settings ?? []) {
    let value = given.get(key) || usual;
    if (!value && required) throw Problem.setting(key, "is missing");
    if (value && kind === "url") {
      const address = parts(value);
      if (!address || address.rest) throw Problem.setting(key, "has to be an address like https://example.com, without ? and #");
      value = value.replace(/\/+$/, "");
    }
    if (value) found[key] = value;
  }
  return found;
}

function parseClaims(claims) {
  let parsed;
  try {
    parsed = parse(claims);
  } catch {
    // said below
  }
  if (isOdd(parsed)) throw Problem.unexpected("what says who signed in is not a JSON object");
  return parsed;
}

/** Runs one call from the host; what it throws is what provider.wit calls a problem. */
function guarded(call) {
  try {
    return call();
  } catch (error) {
    const { tag, val } = error instanceof Problem ? error : Problem.other("internal", `${error}`);
    const safe = typeof val === "string" ? wire.text(val, tag) : val.map((part) => wire.text(part, tag));
    throw { tag, val: safe };
  }
}
