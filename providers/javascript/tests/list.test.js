// Lists in pages, and the few parts of text and addresses.
import assert from "node:assert/strict";
import { test } from "node:test";
import { clean, get, hostOf, list, sameOrigin, serve } from "../portico.js";
import { drive } from "../testing.js";

const START = "https://h/1";

/** Lists from START on; a page's JSON is `{ items, next }`. */
const provider = serve(class {
  static descriptor = { id: "x", name: "X", version: "1.0.0", accountNoun: "thing" };
  *discover() {
    const { found, warnings } = yield* list(get(START), {
      what: "things",
      read: ({ id }) => (id ? { id } : undefined),
      entries: (body) => body.items,
      next: (reply) => reply.json().next && get(reply.json().next),
    });
    return { subscriptions: found, warnings };
  }
});

const listed = (answer) => {
  const { subscriptions, warnings, asked } = drive(provider, { answer });
  return { ids: subscriptions.map(({ id }) => id), warnings, asked: asked.length };
};

test("an entry that stands on two pages is kept once", () => {
  const { ids, warnings } = listed(({ url }) => ({ body: url === START ? { items: [{ id: "a" }], next: "https://h/2" } : { items: [{ id: "a" }, { id: "b" }] } }));
  assert.deepEqual(ids, ["a", "b"]);
  assert.deepEqual(warnings, []);
});

test("a next page on another origin is not fetched", () => {
  for (const next of ["https://evil/2", "http://h/2", "https://h:444/2", "https://h@evil/2", "https://h\\@evil/", "//h/2", "/2"]) {
    const { ids, warnings, asked } = listed(() => ({ body: { items: [{ id: "a" }], next } }));
    assert.deepEqual([ids, asked], [["a"], 1], next);
    assert.match(warnings[0], /^Some things are missing: the next page is on another host/);
  }
});

test("pages in a circle end", () => {
  const { warnings, asked } = listed(({ url }) => ({ body: { items: [], next: url === START ? "https://h/2" : START } }));
  assert.equal(asked, 2);
  assert.match(warnings[0], /circle/);
});

test("the ten thousandth entry is the last", () => {
  const items = (from) => Array.from({ length: 6_000 }, (_, n) => ({ id: `${from}-${n}` }));
  const { ids, warnings, asked } = listed(({ url }) => ({ body: { items: items(url), next: url === START ? "https://h/2" : "https://h/3" } }));
  assert.deepEqual([ids.length, asked], [10_000, 2]);
  assert.deepEqual(warnings, ["Some things are missing: only the first 10000 entries were read."]);
});

test("the hundredth page is the last", () => {
  const { ids, warnings, asked } = listed(({ url }) => {
    const page = Number(url.slice("https://h/".length));
    return { body: { items: [{ id: `${page}` }], next: `https://h/${page + 1}` } };
  });
  assert.deepEqual([ids.length, asked], [100, 100]);
  assert.match(warnings[0], /only the first 100 pages/);
});

test("an answer that is no list in JSON ends with a warning", () => {
  for (const body of ["<html>", "", "null", "{}", "3", "[".repeat(100_000)]) {
    const { ids, warnings } = listed(() => ({ body }));
    assert.deepEqual(ids, []);
    assert.match(warnings[0], /^No things could be listed: h sent an answer that this plug-in does not understand/);
  }
});

test("every way not to be answered says what to do", () => {
  const said = ["not-granted", "no-token", "timed-out", "too-large", "unreachable", "budget-spent"].map((error) => listed(() => error).warnings[0]);
  for (const warning of said) assert.match(warning, /^No things could be listed: h .*; (sign in again|try again|tell whoever|whoever runs)/);
  for (const [status, remedy] of [[401, "sign in again"], [403, "administrators"], [429, "try again"], [500, "try again"], [302, "tell whoever"]]) {
    assert.match(listed(() => ({ status })).warnings[0], new RegExp(`\\(${status}\\); .*${remedy}`));
  }
});

test("names lose what a page cannot show", () => {
  assert.equal(clean(" a\u0000\u001b\u0085\u2028\u202e\u200b\u{e0041}\uD800b "), "ab");
  assert.equal(clean("😀".repeat(300)), "😀".repeat(256));
  for (const odd of [undefined, null, 3, {}]) assert.equal(clean(odd), "");
});

test("hosts and origins", () => {
  assert.equal(hostOf("HTTPS://GitLab.com:8443/x?y"), "gitlab.com");
  assert.equal(hostOf("http://[::1]:80/"), "[::1]");
  assert.ok(sameOrigin("https://h/a", "https://H:443?b"));
  for (const odd of [undefined, "", "h", "https:///x", "https://a b/", "https://u:p@h/"]) assert.equal(hostOf(odd), "");
  assert.ok(!sameOrigin("x", "x"));
});
