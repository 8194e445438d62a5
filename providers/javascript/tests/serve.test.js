// The conversion between a class and provider.wit.
import assert from "node:assert/strict";
import { test } from "node:test";
import { located } from "../fault.js";
import { get, post, Problem, serve, wait } from "../portico.js";
import { runListing, problemOf } from "../testing.js";

const descriptor = { id: "x", name: "X", version: "1.0.0", accountNoun: "thing", signIn: { openid: "https://id", scopes: ["openid"] } };
const read = { name: "read", why: "w", hosts: ["h"], paths: ["/"] };
const NOBODY = { subject: "1", tenant: "t", displayName: "", username: null, tokenReply: [], extra: [] };

/** A provider with this listing and these changes of the descriptor. */
function withListing(discover, more = {}) {
  return serve(Object.assign(class {
    constructor(settings) {
      this.settings = settings;
    }
    discover(person) {
      return discover(person, this.settings);
    }
  }, { descriptor: { ...descriptor, ...more } }));
}

const described = (more) => serve(Object.assign(class {}, { descriptor: { ...descriptor, ...more } })).describe();

test("describe fills defaults of provider.wit", () => {
  const result = described({ settings: [{ key: "k", label: "K" }], permissions: [read], people: { subject: "/sub" } });
  assert.deepEqual(result.settings[0], { key: "k", label: "K", help: "", kind: "text", choices: [], required: false, default: null });
  assert.deepEqual(result.permissions[0], {
    ...read, principal: "signed-in-user", scopes: [], methods: ["get"], placement: { tag: "bearer" },
    requestHeaders: [], replyHeaders: [], secretHeaders: [],
  });
  assert.deepEqual(result.signIn, {
    endpoints: { tag: "openid", val: "https://id" }, defaultTenant: null, scopes: ["openid"], scopeSeparator: "space", parameters: [],
    tokenEncoding: "form", clientAuth: "basic", tokenReply: [], userRecords: [], extra: [],
  });
  assert.deepEqual(result.people, { subject: "/sub", tenant: null, displayName: [], username: [] });
  assert.deepEqual([result.capabilities, result.icon, described({}).people], [[], null, null]);
});

test("describe passes every field", () => {
  const plain = { issuer: "{url}", authorization: "{url}/a", token: "{url}/t", endSession: "{url}/e" };
  const result = described({
    signIn: {
      plain, defaultTenant: "{tenant-id}", scopes: ["a"], scopeSeparator: "comma", parameters: { audience: "x" }, tokenEncoding: "json-snake-case",
      clientAuth: "none", tokenReply: ["instance_url"],
      userRecords: [{ url: "{url}/me", permission: "read" }, { member: "org", url: "{url}/org", headers: { accept: "x" }, permission: "read" }],
    },
    people: { subject: "/id", tenant: "/org/id", displayName: ["/name", "/login"], username: "/login" },
    permissions: [
      { ...read, principal: "nobody", secretHeaders: [{ setting: "key", header: "x-api-key" }], placement: { prefix: "token" } },
      { ...read, placement: { header: "x-token" } }, { ...read, placement: "basic" },
    ],
    capabilities: [{ name: "c", kind: "role", why: "w" }],
  });
  assert.deepEqual(result.signIn.endpoints, { tag: "plain", val: plain });
  assert.deepEqual(result.signIn.parameters, [["audience", "x"]]);
  assert.deepEqual(result.signIn.userRecords, [
    { member: null, url: "{url}/me", headers: [], permission: "read" },
    { member: "org", url: "{url}/org", headers: [["accept", "x"]], permission: "read" },
  ]);
  assert.deepEqual(result.people, { subject: "/id", tenant: "/org/id", displayName: ["/name", "/login"], username: ["/login"] });
  assert.deepEqual(result.permissions.map(({ placement }) => placement), [{ tag: "prefix", val: "token" }, { tag: "header", val: "x-token" }, { tag: "basic" }]);
  assert.deepEqual(result.permissions[0].secretHeaders, [{ setting: "key", header: "x-api-key", prefix: "" }]);
  assert.deepEqual(result.capabilities, [{ name: "c", kind: "role", why: "w", extra: [] }]);
});

test("describe refuses unknown, missing and invalid fields by name", () => {
  for (const [more, message] of [
    [{ grants: [] }, /descriptor has no field grants/],
    [{ signIn: undefined }, /has to say signIn/],
    [{ signIn: { openid: "x", scopes: [], tenantClaim: "tid" } }, /signIn has no field tenantClaim/],
    [{ signIn: { openid: "x", scopes: [], clientAuth: "secret" } }, /clientAuth has to be one of/],
    [{ signIn: { scopes: [] } }, /signIn.openid has to be text/],
    [{ people: { subject: "/sub", name: "/name" } }, /people has no field name/],
    [{ permissions: [{ ...read, placement: "cookie" }] }, /placement has to be one of bearer, basic/],
    [{ permissions: [{ ...read, placement: { cookie: "x" } }] }, /placement has to be one of bearer, basic, \{ prefix \}, \{ header \}/],
    [{ permissions: [{ ...read, methods: ["put"] }] }, /methods has to be one of get, post/],
    [{ settings: [{ key: "k", label: "K", kind: "password" }] }, /kind has to be one of/],
    [{ acountNoun: "thing" }, /descriptor has no field acountNoun/],
    [{ accountNoun: 7 }, /accountNoun has to be text, not number/],
    [{ settings: {} }, /settings has to be a list, not object/],
    [{ permissions: [null] }, /permissions\[0\] has to be an object, not null/],
    [{ permissions: [{ ...read, hosts: "h" }] }, /permission read.hosts has to be a list, not string/],
    [{ signIn: "https://id" }, /signIn has to be an object, not string/],
    [{ settings: [{ key: "k", label: "K", required: "yes" }] }, /setting k.required has to be true or false/],
    [{ extra: [] }, /extra has to be an object, not a list/],
  ]) assert.throws(() => described(more), message);
});

test("serve refuses class without descriptor and non-class", () => {
  assert.throws(() => serve(class {}).describe(), /static descriptor/);
  for (const none of [undefined, null, {}]) assert.throws(() => serve(none), /serve takes a class/);
});

test("located has function and own lines of a fault, truncated", () => {
  const error = Object.assign(new TypeError("x is not a function"), {
    stack: "    at read (provider.js:41:7)\n    at next (portico/list.js:3)\n    at discover (provider.js:50)\n    at map (native)\n",
  });
  const result = located("discover", `${error}`, error);
  assert.equal(result, "discover: TypeError: x is not a function (at read (provider.js:41:7), at discover (provider.js:50))");
  assert.equal(located("discover", "x".repeat(9000), error).length, 500);
  assert.equal(located("discover", "thrown", undefined), "discover: thrown");
});

test("misspelt field of a subscription is an internal problem", () => {
  const provider = withListing(function* () {
    return { subscriptions: [{ id: "1", displayname: "One" }] };
  });
  const problem = problemOf(() => runListing(provider, {}));
  assert.deepEqual(problem, { tag: "other", val: ["internal", "a subscription has no field displayname"] });
});

test("tenant has state, mender and repair", () => {
  const tenants = (...list) => runListing(withListing(function* () {
    return { tenants: list };
  }), {}).tenants;
  assert.deepEqual(tenants({ id: "t" }), [{ id: "t", displayName: "t", state: "ok", reason: null, mender: null, repair: null, extra: [] }]);
  const repairs = tenants(...["sign-in", { claims: { a: 1 } }, { link: "https://h/x" }].map((repair) => ({ id: "t", state: "wants-mfa", mender: "person", repair })));
  assert.deepEqual(repairs.map(({ repair }) => repair), [{ tag: "sign-in" }, { tag: "claims", val: '{"a":1}' }, { tag: "link", val: "https://h/x" }]);
  for (const invalid of [{ state: "wants_mfa" }, { mender: "me" }, { repair: "link" }, { repair: {} }, { challenge: "{}" }]) {
    assert.equal(problemOf(() => tenants({ id: "t", ...invalid })).val[0], "internal", JSON.stringify(invalid));
  }
});

test("discover gets replies in order of requests", () => {
  const provider = withListing(function* () {
    const [a, b] = yield [get("https://h/a"), get("https://h/b")];
    const c = yield post("https://h/c", { body: "{}", permission: "read", tenant: "other" });
    return { warnings: [a.text, b.text, c.text] };
  }, { permissions: [read] });
  const discovery = provider.Configured.create([]).discover(NOBODY);
  const { requests } = discovery.next([]).val;
  const reply = ({ id, url }) => ({ id, outcome: { tag: "ok", val: { status: 200, headers: [], body: url } } });
  const second = discovery.next(requests.map(reply).reverse()).val.requests;
  assert.deepEqual([...requests, ...second].map(({ id }) => id), [1, 2, 3]);
  assert.deepEqual(second[0].credential, { permission: "read", tenant: "other" });
  assert.deepEqual(discovery.next(second.map(reply)).val.warnings, ["https://h/a", "https://h/b", "https://h/c"]);
});

test("wait sets waitSeconds of the step", () => {
  const { steps, warnings } = runListing(withListing(function* () {
    const one = yield wait(1.2, get("https://h/a"));
    const [two] = yield wait(0, [get("https://h/b")]);
    return { warnings: [one.text, two.text] };
  }), { answer: ({ url }) => ({ body: url }) });
  assert.deepEqual(steps.map(({ waitSeconds }) => waitSeconds), [2, 0]);
  assert.deepEqual(warnings, ["https://h/a", "https://h/b"]);
  for (const invalid of [-1, NaN, Infinity, undefined, 4000]) assert.throws(() => wait(invalid, get("https://h/")), /seconds/);
});

test("discover gets person and token reply", () => {
  const { warnings } = runListing(withListing(function* ({ subject, username, tokenReply }) {
    return { warnings: [`${subject} ${username} ${tokenReply.instance_url}`] };
  }), { person: { subject: "7", tokenReply: { instance_url: "https://eu.example" } } });
  assert.deepEqual(warnings, ["7 undefined https://eu.example"]);
});

test("request with undeclared permission or header is an internal problem", () => {
  const asked = (url, options) => runListing(withListing(function* () {
    yield get(url, options);
    return {};
  }, { permissions: [{ ...read, requestHeaders: ["X-Version"] }] }), { answer: () => ({}) });
  for (const [options, message] of [
    [{ permission: "raed" }, /no permission raed/],
    [{ grant: "read" }, /no option grant/],
    [{ permission: "read", headers: { "X-Other": "1" } }, /does not send the header X-Other; name it in requestHeaders of the permission read/],
    [{ headers: { "x-version": "1" } }, /requestHeaders of a permission/],
  ]) assert.match(problemOf(() => asked("https://h/", options)).val[1], message);
  const { asked: [request] } = asked("https://h/", { permission: "read", headers: { "x-version": "1", Accept: "x", "x-ms-date": "d" } });
  assert.equal(request.headers.length, 3);
});

test("runListing passes declared reply headers only", () => {
  const { warnings } = runListing(withListing(function* () {
    const reply = yield get("https://h/", { permission: "read" });
    return { warnings: reply.headers.map(([name]) => name) };
  }, { permissions: [{ ...read, replyHeaders: ["x-total"] }] }), { answer: () => ({ headers: { ETag: "1", "X-Total": "2", "X-Next-Cursor": "3", "Set-Cookie": "4" } }) });
  assert.deepEqual(warnings, ["etag", "x-total"]);
});

test("empty list of requests is no step", () => {
  const { steps, warnings } = runListing(withListing(function* () {
    return { warnings: [`${(yield []).length} replies`] };
  }), {});
  assert.equal(steps.length, 0);
  assert.deepEqual(warnings, ["0 replies"]);
});

test("missing response is an unexpected problem", () => {
  const discovery = withListing(function* () {
    yield get("https://h/");
  }).Configured.create([]).discover(NOBODY);
  discovery.next([]);
  assert.equal(problemOf(() => discovery.next([])).tag, "unexpected");
});

test("discover must be a generator of requests that returns an outcome", () => {
  const plain = problemOf(() => runListing(withListing(() => ({})), {}));
  assert.match(plain.val[1], /has to be a generator/);
  const text = problemOf(() => runListing(withListing(function* () {
    yield "https://h/";
  }), {}));
  assert.match(text.val[1], /may yield requests only/);
  assert.match(problemOf(() => runListing(withListing(function* () {}), {})).val[1], /has to return an outcome/);
});

test("thrown problem keeps its case, other error is internal", () => {
  const refused = withListing(function* () {
    throw Problem.refused("consent", "ask an administrator");
  });
  assert.deepEqual(problemOf(() => runListing(refused, {})), { tag: "refused", val: ["consent", "ask an administrator"] });
  const fault = withListing(function* () {
    return undefined.nothing;
  });
  const { tag, val } = problemOf(() => runListing(fault, {}));
  assert.deepEqual([tag, val[0]], ["other", "internal"]);
});

test("unpaired surrogate is replaced", () => {
  const { warnings } = runListing(withListing(function* () {
    return { warnings: ["a\uD800b"] };
  }), {});
  assert.deepEqual(warnings, ["a\uFFFDb"]);
});

test("settings are completed with defaults and checked, without secrets", () => {
  const settings = [
    { key: "region", label: "R", required: true }, { key: "api", label: "A", kind: "url", default: "https://api.{region}.example/" },
    { key: "other", label: "O", default: "{absent}" }, { key: "key", label: "K", kind: "secret", required: true },
    { key: "who", label: "W", kind: "choice", choices: ["a", "b"], default: "a" }, { key: "all", label: "L", kind: "flag" },
  ];
  const configured = (pairs) => withListing(() => {}, { settings }).Configured.create(pairs).provider.settings;
  assert.deepEqual(configured([["region", "eu"], ["key", "hidden"], ["who", ""]]), { region: "eu", api: "https://api.eu.example", who: "a" });
  for (const [key, pairs] of [["region", []], ["who", [["region", "eu"], ["who", "c"]]], ["all", [["region", "eu"], ["all", "yes"]]]]) {
    const { tag, val } = problemOf(() => configured(pairs));
    assert.deepEqual([tag, val[0]], ["setting", key]);
  }
});

test("address in a setting loses trailing slashes, invalid one is refused", () => {
  const more = { settings: [{ key: "url", label: "U", kind: "url", required: true }] };
  const provider = withListing(() => {}, more);
  const configured = (url) => provider.Configured.create([["url", url]]).provider.settings;
  assert.deepEqual(configured("https://h/a//"), { url: "https://h/a" });
  for (const url of ["", "h", "ftp://h", "https://", "https://u@h", "https://h?x", "https://h#x", "https://h\\x", "https://h /"]) {
    assert.deepEqual(problemOf(() => configured(url)).tag, "setting", url);
  }
});
