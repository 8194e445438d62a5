// The translation between one class and provider.wit.
import assert from "node:assert/strict";
import { test } from "node:test";
import { get, post, Problem, serve } from "../portico.js";
import { drive, problemOf, SOMEBODY } from "../testing.js";

const descriptor = { id: "x", name: "X", version: "1.0.0", accountNoun: "thing" };

/** A provider with this listing, and whatever else is said. */
function withListing(discover, more = {}) {
  return serve(Object.assign(class {
    discover(identity) {
      return discover(identity);
    }
    identify(claims) {
      return { subject: claims.sub, tenant: "t" };
    }
  }, { descriptor: { ...descriptor, ...more } }));
}

test("what a descriptor leaves out has the default of provider.wit", () => {
  const said = serve(Object.assign(class {}, {
    descriptor: {
      ...descriptor,
      settings: [{ key: "k", label: "K" }],
      grants: [{ name: "g", why: "w", hosts: ["h"], paths: ["/"], placement: { header: "x-token" } }],
    },
  })).describe();
  assert.equal(said.people, null);
  assert.deepEqual(said.settings[0], { key: "k", label: "K", help: "", kind: "text", choices: [], required: false, default: null });
  assert.equal(said.grants[0].principal, "signed-in-user");
  assert.deepEqual(said.grants[0].placement, { tag: "header", val: "x-token" });
});

test("a misspelt field is an error of the plug-in", () => {
  const provider = withListing(function* () {
    return { subscriptions: [{ id: "1", displayname: "One" }] };
  });
  const problem = problemOf(() => drive(provider, {}));
  assert.deepEqual(problem, { tag: "other", val: ["internal", "a subscription has no field displayname"] });
});

test("requests yielded together are answered in their order, whichever came back first", () => {
  const provider = withListing(function* () {
    const [a, b] = yield [get("https://h/a"), get("https://h/b")];
    const c = yield post("https://h/c", { body: "{}", grant: "g", tenant: "other" });
    return { warnings: [a.text, b.text, c.text] };
  });
  const discovery = provider.Configured.create([], null).discover(SOMEBODY);
  const { requests } = discovery.next([]).val;
  const reply = ({ id, url }) => ({ id, outcome: { tag: "ok", val: { status: 200, headers: [], body: url } } });
  const second = discovery.next(requests.map(reply).reverse()).val.requests;
  assert.deepEqual([...requests, ...second].map(({ id }) => id), [1, 2, 3]);
  assert.deepEqual(second[0].credential, { grant: "g", tenant: "other" });
  assert.deepEqual(discovery.next(second.map(reply)).val.warnings, ["https://h/a", "https://h/b", "https://h/c"]);
});

test("an empty list of requests does not go to the host", () => {
  const { steps, warnings } = drive(withListing(function* () {
    return { warnings: [`${(yield []).length} replies`] };
  }), {});
  assert.equal(steps.length, 0);
  assert.deepEqual(warnings, ["0 replies"]);
});

test("a response that is missing is a problem, not a hang", () => {
  const discovery = withListing(function* () {
    yield get("https://h/");
  }).Configured.create([], null).discover(SOMEBODY);
  discovery.next([]);
  assert.equal(problemOf(() => discovery.next([])).tag, "unexpected");
});

test("a listing that is no generator, or yields no request, says so", () => {
  const plain = problemOf(() => drive(withListing(() => ({})), {}));
  assert.match(plain.val[1], /has to be a generator/);
  const text = problemOf(() => drive(withListing(function* () {
    yield "https://h/";
  }), {}));
  assert.match(text.val[1], /may yield requests only/);
});

test("a thrown problem keeps its case; anything else is internal", () => {
  const refused = withListing(function* () {
    throw Problem.refused("consent", "ask an administrator");
  });
  assert.deepEqual(problemOf(() => drive(refused, {})), { tag: "refused", val: ["consent", "ask an administrator"] });
  const fault = withListing(function* () {
    return undefined.nothing;
  });
  const { tag, val } = problemOf(() => drive(fault, {}));
  assert.deepEqual([tag, val[0]], ["other", "internal"]);
});

test("half a surrogate pair never reaches the host", () => {
  const { warnings } = drive(withListing(function* () {
    return { warnings: ["a\uD800b"] };
  }), {});
  assert.deepEqual(warnings, ["a\uFFFDb"]);
});

test("claims that are no JSON object, or name nobody, are refused", () => {
  const configured = withListing(function* () {}).Configured.create([], null);
  for (const claims of ["", "[", "null", "[]", "3", "{}", '{"sub":""}', '{"sub":7}', "[".repeat(100_000)]) {
    assert.equal(problemOf(() => configured.identify(claims)).tag, "unexpected", claims.slice(0, 20));
  }
  assert.equal(configured.identify('{"sub":"1"}').displayName, "1");
});

test("an address in a setting loses its last slash; what is no address is refused", () => {
  const more = { settings: [{ key: "url", label: "U", kind: "url", required: true }] };
  const provider = withListing(() => {}, more);
  const made = (url) => provider.Configured.create([["url", url]], null).provider;
  made("https://h/a/");
  for (const url of ["", "h", "ftp://h", "https://", "https://u@h", "https://h?x", "https://h#x", "https://h\\x", "https://h /"]) {
    assert.deepEqual(problemOf(() => made(url)).tag, "setting", url);
  }
});
