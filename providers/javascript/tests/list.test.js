// Lists in pages, names and addresses.
import assert from "node:assert/strict";
import { test } from "node:test";
import { clean, get, list, sameOrigin, serve } from "../portico.js";
import { runListing, problemOf } from "../testing.js";
import { hostOf } from "../text.js";

const START = "https://h/1";

/** Lists from START; the JSON of a page is `{ items, next }`. */
const provider = serve(class {
  static descriptor = { id: "x", name: "X", version: "1.0.0", accountNoun: "thing", signIn: { openid: "https://h", scopes: [] } };
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
  const { subscriptions, warnings, asked } = runListing(provider, { answer });
  return { ids: subscriptions.map(({ id }) => id), warnings, asked: asked.length };
};

test("list keeps entry of two pages once", () => {
  const { ids, warnings } = listed(({ url }) => ({ body: url === START ? { items: [{ id: "a" }], next: "https://h/2" } : { items: [{ id: "a" }, { id: "b" }] } }));
  assert.deepEqual(ids, ["a", "b"]);
  assert.deepEqual(warnings, []);
});

test("refused token of a tenant is an error with its refusal", () => {
  const body = { error: "interaction_required", suberror: "basic_action", claims: "{}", error_codes: [50076] };
  let seen;
  const tenants = serve(class {
    static descriptor = {
      id: "x", name: "X", version: "1.0.0", accountNoun: "thing", signIn: { openid: "https://h/{tenant}", scopes: [] },
      permissions: [{ name: "read", why: "w", hosts: ["h"], paths: ["/"] }],
      capabilities: [{ name: "read", kind: "tenants", why: "w" }],
    };
    *discover() {
      seen = yield get(START, { permission: "read", tenant: "t" });
      return { subscriptions: [], warnings: [seen.why] };
    }
  });
  const { warnings, asked } = runListing(tenants, { answer: () => ({ status: 0, body }) });
  assert.deepEqual(asked[0].credential, { permission: "read", tenant: "t" });
  assert.deepEqual([seen.ok, seen.status, seen.error], [false, 0, "token-refused"]);
  assert.deepEqual(seen.refusal, { error: "interaction_required", suberror: "basic_action", claims: "{}", numbers: [50076] });
  assert.match(warnings[0], /gave no token for this tenant/);
});

test("list does not follow other origin", () => {
  for (const next of ["https://evil/2", "http://h/2", "https://h:444/2", "https://h@evil/2", "https://h\\@evil/", "//h/2", "/2"]) {
    const { ids, warnings, asked } = listed(() => ({ body: { items: [{ id: "a" }], next } }));
    assert.deepEqual([ids, asked], [["a"], 1], next);
    assert.match(warnings[0], /^Some things are missing: the next page is on another host/);
  }
});

test("list ends cycle with warning", () => {
  const { warnings, asked } = listed(({ url }) => ({ body: { items: [], next: url === START ? "https://h/2" : START } }));
  assert.equal(asked, 2);
  assert.match(warnings[0], /circle/);
});

test("list ends at ten thousand entries", () => {
  const items = (from) => Array.from({ length: 6_000 }, (_, n) => ({ id: `${from}-${n}` }));
  const { ids, warnings, asked } = listed(({ url }) => ({ body: { items: items(url), next: url === START ? "https://h/2" : "https://h/3" } }));
  assert.deepEqual([ids.length, asked], [10_000, 2]);
  assert.deepEqual(warnings, ["Some things are missing: only the first 10000 entries were read."]);
});

test("list ends at one hundred pages", () => {
  const { ids, warnings, asked } = listed(({ url }) => {
    const page = Number(url.slice("https://h/".length));
    return { body: { items: [{ id: `${page}` }], next: `https://h/${page + 1}` } };
  });
  assert.deepEqual([ids.length, asked], [100, 100]);
  assert.match(warnings[0], /only the first 100 pages/);
});

test("list warns of page that is no JSON list", () => {
  for (const body of ["<html>", "", "null", "{}", "3", "[".repeat(100_000)]) {
    const { ids, warnings } = listed(() => ({ body }));
    assert.deepEqual(ids, []);
    assert.match(warnings[0], /^No things could be listed: h sent an answer that this plug-in does not understand/);
  }
});

test("list warning has advice for every failure", () => {
  const result = ["not-permitted", "no-token", "timed-out", "too-large", "unreachable", "budget-spent", "refused"].map((error) => listed(() => error).warnings[0]);
  for (const warning of result) assert.match(warning, /^No things could be listed: h .*; (sign in again|try again|tell the operator|the operator)/);
  for (const [status, remedy] of [[401, "sign in again"], [403, "administrators"], [429, "try again"], [500, "try again"], [302, "tell the operator"]]) {
    assert.match(listed(() => ({ status })).warnings[0], new RegExp(`\\(${status}\\); .*${remedy}`));
  }
});

/** A page that is answered 429 so often, with this header, and then comes. */
const busy = (times, headers, status = 429) => {
  let left = times;
  const { subscriptions, warnings, steps } = runListing(provider, { answer: () => (left-- > 0 ? { status, headers } : { body: { items: [{ id: "a" }] } }) });
  return { ids: subscriptions.map(({ id }) => id), warnings, waits: steps.map(({ waitSeconds }) => waitSeconds) };
};

test("list retries busy page after Retry-After, twice at most", () => {
  for (const status of [429, 503]) {
    assert.deepEqual(busy(1, { "Retry-After": "2" }, status), { ids: ["a"], warnings: [], waits: [0, 2] });
    assert.deepEqual(busy(2, { "retry-after": " 10 " }, status), { ids: ["a"], warnings: [], waits: [0, 10, 10] });
  }
  const { ids, warnings, waits } = busy(3, { "retry-after": "2" });
  assert.deepEqual([ids, waits], [[], [0, 2, 2]]);
  assert.match(warnings[0], /^No things could be listed: h has had too many requests \(429\)/);
});

test("list ignores Retry-After that is long, invalid or of another status", () => {
  for (const invalid of ["11", "-1", "1.5", "1e1", "", "Wed, 21 Oct 2026 07:28:00 GMT", "9".repeat(400)]) {
    assert.deepEqual(busy(1, { "retry-after": invalid }).waits, [0], invalid);
  }
  assert.deepEqual(busy(1, {}).waits, [0]);
  assert.deepEqual(busy(1, { "retry-after": "1" }, 500).waits, [0]);
});

test("header throws for undeclared header", () => {
  const paged = (permissions) => serve(class {
    static descriptor = { id: "x", name: "X", version: "1.0.0", accountNoun: "thing", signIn: { openid: "https://h", scopes: [] }, permissions };
    *discover() {
      const page = (cursor) => get(`${START}?${cursor}`, { permission: permissions?.[0].name });
      const { found } = yield* list(page(""), { what: "things", read: ({ id }) => ({ id }), next: (reply) => reply.header("X-Next-Cursor") && page(reply.header("X-Next-Cursor")) });
      return { subscriptions: found };
    }
  });
  const answer = ({ url }) => ({ headers: url === `${START}?` ? { "X-Next-Cursor": "b" } : {}, body: [{ id: url }] });
  const read = { name: "read", why: "w", hosts: ["h"], paths: ["/"] };
  for (const [permissions, where] of [[[read], /replyHeaders of the permission read/], [undefined, /replyHeaders of a permission/]]) {
    const { tag, val } = problemOf(() => runListing(paged(permissions), { answer }));
    assert.deepEqual([tag, val[0]], ["other", "internal"]);
    assert.match(val[1], /does not hand over the header x-next-cursor/);
    assert.match(val[1], where);
  }
  const declared = runListing(paged([{ ...read, replyHeaders: ["X-Next-Cursor"] }]), { answer });
  assert.equal(declared.subscriptions.length, 2);
});

test("clean removes invisible characters", () => {
  assert.equal(clean(" a\u0000\u001b\u0085\u2028\u202e\u200b\u{e0041}\uD800b "), "ab");
  for (const name of ["\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0dc1\u0dca\u200d\u0dbb\u0dd3", "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}"]) assert.equal(clean(name), name);
  assert.equal(clean("\u200da\u200c\u200d \u200db"), "a\u200c b");
  for (const name of ["\u200d", "\u3164\u3164", " \u2800 ", "\ufe0f"]) assert.equal(clean(name), "");
  assert.equal(clean("😀".repeat(300)), "😀".repeat(256));
  for (const invalid of [undefined, null, 3, {}]) assert.equal(clean(invalid), "");
});

test("hostOf and sameOrigin parse http addresses", () => {
  assert.equal(hostOf("HTTPS://GitLab.com:8443/x?y"), "gitlab.com");
  assert.equal(hostOf("http://[::1]:80/"), "[::1]");
  assert.ok(sameOrigin("https://h/a", "https://H:443?b"));
  for (const invalid of [undefined, "", "h", "https:///x", "https://a b/", "https://u:p@h/"]) assert.equal(hostOf(invalid), "");
  assert.ok(!sameOrigin("x", "x"));
});

test("list warns of 206 without next page", () => {
  for (const [status, result] of [[206, 1], [200, 0]]) {
    const { ids, warnings } = listed(() => ({ status, body: { items: [{ id: "a" }] } }));
    assert.deepEqual([ids, warnings.length], [["a"], result], `${status}`);
    assert.ok(!result || /where the rest is/.test(warnings[0]), warnings[0]);
  }
});
