import assert from "node:assert/strict";
import { test } from "node:test";
import { runListing } from "../../javascript/testing.js";
import { provider } from "./gitlab.js";

const BASE = "http://127.0.0.1:4000/gitlab";
const settings = { url: `${BASE}/` };
const listed = (answer) => runListing(provider, { settings, answer });
const page = (n) => `${BASE}/api/v4/groups?min_access_level=10&per_page=100&page=${n}`;

test("descriptor has issuer of the setting and `sub` as subject", () => {
  const { signIn, people, settings: [url] } = provider.describe();
  assert.deepEqual([signIn.endpoints, url.key], [{ tag: "openid", val: "{url}" }, "url"]);
  assert.deepEqual(people, { subject: "/sub", tenant: null, displayName: ["/name"], username: ["/preferred_username"] });
});

test("groups are requested below the setting, at gitlab.com by default", () => {
  const first = (given) => runListing(provider, { settings: given, answer: () => ({ body: [] }) }).asked[0].url;
  assert.equal(first(settings), page(1));
  assert.equal(new URL(first({})).origin, "https://gitlab.com");
});

test("empty list has no warning", () => {
  const { subscriptions, warnings } = listed(() => ({ headers: { "x-next-page": "" }, body: [] }));
  assert.deepEqual([subscriptions, warnings], [[], []]);
});

test("all pages are requested under the permission", () => {
  const { subscriptions, warnings, asked } = listed(({ url }) => url === page(1)
    ? { headers: { "X-Next-Page": "2" }, body: [{ id: 7, full_name: "Team / A" }] }
    : { headers: { "X-Next-Page": "" }, body: [{ id: 8, full_path: "b" }] });
  assert.deepEqual(subscriptions.map(({ id, displayName }) => [id, displayName]), [["7", "Team / A"], ["8", "b"]]);
  assert.deepEqual(warnings, []);
  assert.deepEqual(asked.map(({ url }) => url), [page(1), page(2)]);
  assert.ok(asked.every(({ credential }) => credential.permission === "read"));
});

test("invalid entries are skipped with warning", () => {
  const { subscriptions, warnings } = listed(() => ({ body: [null, 3, [], {}, { id: "7" }, { id: 1e300 }, { id: 7 }] }));
  assert.deepEqual(subscriptions.map(({ id, displayName }) => [id, displayName]), [["7", "7"]]);
  assert.match(warnings[0], /^6 of the groups were passed over/);
});

test("failed page adds warning and keeps entries", () => {
  const first = { headers: { "x-next-page": "2" }, body: [{ id: 7 }] };
  for (const [second, result] of [[{ status: 403 }, /403/], ["timed-out", /in time/], [{ body: "<html>" }, /not understand/]]) {
    const { subscriptions, warnings } = listed(({ url }) => (url === page(1) ? first : second));
    assert.equal(subscriptions.length, 1);
    assert.match(warnings[0], result);
  }
});

test("busy page is retried", () => {
  let busy = true;
  const { subscriptions, warnings, steps } = listed(() => {
    if (busy) return (busy = false, { status: 429, headers: { "Retry-After": "2" } });
    return { body: [{ id: 7 }] };
  });
  assert.deepEqual([subscriptions.length, warnings, steps[1].waitSeconds], [1, [], 2]);
});

test("cycle ends with warning, and page number is escaped", () => {
  const { asked, warnings } = listed(() => ({ headers: { "x-next-page": "1" }, body: [] }));
  assert.equal(asked.length, 1);
  assert.match(warnings[0], /circle/);
  const invalid = listed(({ url }) => (url === page(1) ? { headers: { "x-next-page": "2&x=/../" }, body: [] } : { status: 400 }));
  assert.equal(invalid.asked[1].url, page("2%26x%3D%2F..%2F"));
});

test("keyset pagination follows the Link header", () => {
  const second = `${BASE}/api/v4/groups?cursor=abc`;
  const { subscriptions, warnings, asked } = listed(({ url }) => url === page(1)
    ? { headers: { Link: `<${BASE}/x>; rel="first", <${second}>; rel="next"` }, body: [{ id: 7 }] }
    : { headers: { Link: `<${BASE}/x>; rel="first"` }, body: [{ id: 8 }] });
  assert.deepEqual([subscriptions.length, warnings, asked[1].url], [2, [], second]);
});
