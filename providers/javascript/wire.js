// Converts values of a provider to the records of provider.wit: missing fields get their defaults,
// objects become lists of pairs, undefined becomes null. A field or name that provider.wit does not
// have is an error, so that its author notices a misspelt one.
import { Problem } from "./problem.js";
import { maySend } from "./request.js";
import { wellFormed } from "./text.js";

function fail(what) {
  throw Problem.other("internal", what);
}

function refuseUnknown(rest, where) {
  const unknown = Object.keys(rest);
  if (unknown.length) fail(`${where} has no field ${unknown.join(", ")}`);
}

/** The value, if it is an object: destructuring another one would fail with another message. */
function object(value, where) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) fail(`${where} has to be an object, not ${kind(value)}`);
  return value;
}

/** The converted items of a list. The name of an item is its index. */
function each(values, where, convert) {
  if (!Array.isArray(values)) fail(`${where} has to be a list, not ${kind(values)}`);
  return values.map((value, at) => convert(value, `${where}[${at}]`));
}

const kind = (value) => (value === null ? "null" : Array.isArray(value) ? "a list" : typeof value);

/** Text with unpaired surrogates replaced, because they cannot be encoded in UTF-8. */
export function text(value, where) {
  if (typeof value !== "string") fail(`${where} has to be text, not ${kind(value)}`);
  return wellFormed(value, "\uFFFD");
}

const optional = (value, where, convert = text) => (value === undefined || value === null ? null : convert(value, where));
const texts = (values, where) => each(values, where, text);
const pairs = (held = {}, where) => Object.entries(object(held, where)).map(([key, value]) => [text(key, where), text(value, `${where}.${key}`)]);
const oneOf = (value, where, allowed) => (allowed.includes(value) ? value : fail(`${where} has to be one of ${allowed.join(", ")}, not ${typeof value === "string" ? value : kind(value)}`));
const boolean = (value, where) => (typeof value === "boolean" ? value : fail(`${where} has to be true or false, not ${kind(value)}`));

/** A case without a value, such as `"bearer"`, or with one, such as `{ header: "x-token" }`. */
function variant(value, where, plain, converts) {
  if (typeof value === "string") return { tag: oneOf(value, where, plain) };
  const [[tag, val] = [], more] = Object.entries(object(value, where));
  if (more || !Object.hasOwn(converts, tag)) fail(`${where} has to be one of ${[...plain, ...Object.keys(converts).map((name) => `{ ${name} }`)].join(", ")}`);
  return { tag, val: converts[tag](val, `${where}.${tag}`) };
}

export function descriptor(value) {
  const { id, name, version, icon, accountNoun, signIn: how, people: where, settings = [], permissions = [], capabilities = [], extra, ...rest } =
    object(value, "`static descriptor` of the class");
  refuseUnknown(rest, "the descriptor");
  return {
    id: text(id, "id"), name: text(name, "name"), version: text(version, "version"),
    icon: optional(icon, "icon"),
    accountNoun: text(accountNoun, "accountNoun"),
    settings: each(settings, "settings", setting),
    signIn: signIn(how ?? fail("the descriptor has to say signIn")),
    people: optional(where, "people", people),
    permissions: each(permissions, "permissions", permission),
    capabilities: each(capabilities, "capabilities", capability),
    extra: pairs(extra, "extra"),
  };
}

/**
 * A descriptor that reports a fault of the real one, because `describe` in provider.wit cannot fail. The
 * host reads nothing else of it.
 */
export function faulty(what) {
  return {
    id: "faulty", name: "", version: "0.0.0", icon: null, accountNoun: "", settings: [],
    signIn: signIn({ openid: "", scopes: [] }),
    people: null, permissions: [], capabilities: [], extra: [["portico-fault", what]],
  };
}

function setting(value, at) {
  const { key, label, help = "", kind = "text", choices = [], required = false, default: usual, ...rest } = object(value, at);
  refuseUnknown(rest, `setting ${key}`);
  return {
    key: text(key, "setting.key"), label: text(label, `setting ${key}.label`), help: text(help, `setting ${key}.help`),
    kind: oneOf(kind, `setting ${key}.kind`, ["text", "url", "choice", "flag", "secret"]),
    choices: texts(choices, `setting ${key}.choices`),
    required: boolean(required, `setting ${key}.required`),
    default: optional(usual, `setting ${key}.default`),
  };
}

function signIn(value) {
  const { openid, plain, defaultTenant, scopes, scopeSeparator = "space", parameters, tokenEncoding = "form", clientAuth = "basic", tokenReply = [], userRecords = [], extra, ...rest } =
    object(value, "signIn");
  refuseUnknown(rest, "signIn");
  return {
    endpoints: plain ? { tag: "plain", val: plainEndpoints(plain) } : { tag: "openid", val: text(openid, "signIn.openid") },
    defaultTenant: optional(defaultTenant, "signIn.defaultTenant"),
    scopes: texts(scopes ?? fail("signIn has to say scopes"), "signIn.scopes"),
    scopeSeparator: oneOf(scopeSeparator, "signIn.scopeSeparator", ["space", "comma"]),
    parameters: pairs(parameters, "signIn.parameters"),
    tokenEncoding: oneOf(tokenEncoding, "signIn.tokenEncoding", ["form", "json-camel-case", "json-snake-case"]),
    clientAuth: oneOf(clientAuth, "signIn.clientAuth", ["basic", "post", "none"]),
    tokenReply: texts(tokenReply, "signIn.tokenReply"),
    userRecords: each(userRecords, "signIn.userRecords", userRecord),
    extra: pairs(extra, "signIn.extra"),
  };
}

function plainEndpoints(value) {
  const { issuer, authorization, token, endSession, ...rest } = object(value, "signIn.plain");
  refuseUnknown(rest, "signIn.plain");
  return {
    issuer: text(issuer, "plain.issuer"), authorization: text(authorization, "plain.authorization"), token: text(token, "plain.token"),
    endSession: optional(endSession, "plain.endSession"),
  };
}

function userRecord(value, at) {
  const { member, url, headers, permission: name, ...rest } = object(value, at);
  refuseUnknown(rest, at);
  return {
    member: optional(member, "userRecord.member"),
    url: text(url, "userRecord.url"),
    headers: pairs(headers, "userRecord.headers"),
    permission: text(name, "userRecord.permission"),
  };
}

function people(value) {
  const { subject, tenant, displayName = [], username = [], ...rest } = object(value, "people");
  refuseUnknown(rest, "people");
  return {
    subject: text(subject, "people.subject"),
    tenant: optional(tenant, "people.tenant"),
    displayName: texts([displayName].flat(), "people.displayName"),
    username: texts([username].flat(), "people.username"),
  };
}

function permission(value, at) {
  const { name, why, principal = "signed-in-user", scopes = [], hosts, paths, methods = ["get"], placement = "bearer", requestHeaders = [], replyHeaders = [], secretHeaders = [], ...rest } =
    object(value, at);
  const where = `permission ${name}`;
  refuseUnknown(rest, where);
  return {
    name: text(name, "permission.name"), why: text(why, `${where}.why`),
    principal: oneOf(principal, `${where}.principal`, ["signed-in-user", "application", "nobody"]),
    scopes: texts(scopes, `${where}.scopes`),
    hosts: texts(hosts ?? fail(`${where} has to say hosts`), `${where}.hosts`),
    paths: texts(paths ?? fail(`${where} has to say paths`), `${where}.paths`),
    methods: each(methods, `${where}.methods`, (method) => oneOf(method, `${where}.methods`, ["get", "post"])),
    placement: variant(placement, `${where}.placement`, ["bearer", "basic"], { prefix: text, header: text }),
    requestHeaders: texts(requestHeaders, `${where}.requestHeaders`),
    replyHeaders: texts(replyHeaders, `${where}.replyHeaders`),
    secretHeaders: each(secretHeaders, `${where}.secretHeaders`, secretHeader),
  };
}

function secretHeader(value, at) {
  const { setting: key, header, prefix = "", ...rest } = object(value, at);
  refuseUnknown(rest, at);
  return { setting: text(key, "secretHeader.setting"), header: text(header, "secretHeader.header"), prefix: text(prefix, "secretHeader.prefix") };
}

function capability(value, at) {
  const { name, kind, why, extra, ...rest } = object(value, at);
  refuseUnknown(rest, `capability ${name}`);
  return { name: text(name, "capability.name"), kind: text(kind, "capability.kind"), why: text(why, "capability.why"), extra: pairs(extra, "capability.extra") };
}

/** The person of the host, in the shape of portico.d.ts. */
export function person({ username, tokenReply, extra, ...rest }) {
  return { ...rest, username: username ?? undefined, tokenReply: Object.fromEntries(tokenReply), extra: Object.fromEntries(extra) };
}

/** `declared` is the permission in the descriptor that the request names. */
export function request({ method, url, headers, body, permission: name, tenant: other }, id, declared) {
  if (name !== undefined && !declared) fail(`the descriptor has no permission ${name}`);
  for (const header of Object.keys(headers)) {
    if (!maySend(header.toLowerCase(), declared)) fail(`the host does not send the header ${header}; name it in requestHeaders of ${name ? `the permission ${name}` : "a permission for this request"}`);
  }
  return {
    id, method,
    url: text(url, "url"),
    headers: pairs(headers, "headers"),
    body: optional(body, "body"),
    credential: name === undefined ? null : { permission: text(name, "permission"), tenant: optional(other, "tenant") },
  };
}

export function outcome(returned) {
  const { tenants = [], subscriptions = [], warnings = [], extra, ...rest } =
    object(returned ?? fail("discover has to return an outcome: { subscriptions, warnings }"), "what discover returns");
  refuseUnknown(rest, "the outcome");
  return {
    tenants: each(tenants, "tenants", tenant),
    subscriptions: each(subscriptions, "subscriptions", subscription),
    warnings: texts(warnings, "warnings"),
    extra: pairs(extra, "extra"),
  };
}

function tenant(value, at) {
  const { id, displayName, state = "ok", reason, mender, repair, extra, ...rest } = object(value, at);
  refuseUnknown(rest, "a tenant");
  const claims = (value, where) => text(typeof value === "string" ? value : JSON.stringify(value), where);
  return {
    id: text(id, "tenant.id"),
    displayName: text(displayName || id, "tenant.displayName"),
    state: oneOf(state, "tenant.state", ["ok", "empty", "wants-mfa", "wants-consent", "blocked", "unreachable"]),
    reason: optional(reason, "tenant.reason"),
    mender: optional(mender, "tenant.mender", (value, where) => oneOf(value, where, ["person", "administrator", "operator"])),
    repair: optional(repair, "tenant.repair", (value, where) => variant(value, where, ["sign-in"], { claims, link: text })),
    extra: pairs(extra, "tenant.extra"),
  };
}

function subscription(value, at) {
  const { id, displayName, state, tenant: owner, extra, ...rest } = object(value, at);
  refuseUnknown(rest, "a subscription");
  return {
    id: text(id, "subscription.id"),
    displayName: text(displayName || id, "subscription.displayName"),
    state: optional(state, "subscription.state"),
    tenant: optional(owner, "subscription.tenant"),
    extra: pairs(extra, "subscription.extra"),
  };
}
