// Plain values into the records of provider.wit: what was left out gets its default, objects become
// lists of pairs, undefined becomes null. A field or word that provider.wit does not have is an
// error, so that a misspelt one is noticed by its writer and not by a customer.
import { Problem } from "./problem.js";
import { maySend } from "./request.js";
import { wellFormed } from "./text.js";

function fail(what) {
  throw Problem.other("internal", what);
}

function none(rest, where) {
  const unknown = Object.keys(rest);
  if (unknown.length) fail(`${where} has no field ${unknown.join(", ")}`);
}

/** An object, so that taking its fields apart fails by its name. */
function object(value, where) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) fail(`${where} has to be an object, not ${kind(value)}`);
  return value;
}

/** Each of a list, converted with its place in the list as its name. */
function each(values, where, convert) {
  if (!Array.isArray(values)) fail(`${where} has to be a list, not ${kind(values)}`);
  return values.map((value, at) => convert(value, `${where}[${at}]`));
}

const kind = (value) => (value === null ? "null" : Array.isArray(value) ? "a list" : typeof value);

/** Text as a component can hand it over: half a surrogate pair has no UTF-8. */
export function text(value, where) {
  if (typeof value !== "string") fail(`${where} has to be text, not ${kind(value)}`);
  return wellFormed(value, "\uFFFD");
}

const maybe = (value, where, convert = text) => (value === undefined || value === null ? null : convert(value, where));
const texts = (values, where) => each(values, where, text);
const pairs = (held = {}, where) => Object.entries(object(held, where)).map(([key, value]) => [text(key, where), text(value, `${where}.${key}`)]);
const word = (value, where, words) => (words.includes(value) ? value : fail(`${where} has to be one of ${words.join(", ")}, not ${typeof value === "string" ? value : kind(value)}`));
const truth = (value, where) => (typeof value === "boolean" ? value : fail(`${where} has to be true or false, not ${kind(value)}`));

/** `"bearer"` or `{ header: "x-token" }`: a case without a value, or with one. */
function variant(value, where, plain, converts) {
  if (typeof value === "string") return { tag: word(value, where, plain) };
  const [[tag, val] = [], more] = Object.entries(object(value, where));
  if (more || !Object.hasOwn(converts, tag)) fail(`${where} has to be one of ${[...plain, ...Object.keys(converts).map((name) => `{ ${name} }`)].join(", ")}`);
  return { tag, val: converts[tag](val, `${where}.${tag}`) };
}

export function descriptor(said) {
  const { id, name, version, icon, accountNoun, signIn: how, people: where, settings = [], permissions = [], capabilities = [], extra, ...rest } =
    object(said, "`static descriptor` of the class");
  none(rest, "the descriptor");
  return {
    id: text(id, "id"), name: text(name, "name"), version: text(version, "version"),
    icon: maybe(icon, "icon"),
    accountNoun: text(accountNoun, "accountNoun"),
    settings: each(settings, "settings", setting),
    signIn: signIn(how ?? fail("the descriptor has to say signIn")),
    people: maybe(where, "people", people),
    permissions: each(permissions, "permissions", permission),
    capabilities: each(capabilities, "capabilities", capability),
    extra: pairs(extra, "extra"),
  };
}

/**
 * A descriptor of nothing: `what` is wrong with the real one. The host reads that and nothing else of
 * it (`describe` in provider.wit cannot fail).
 */
export function faulty(what) {
  return {
    id: "faulty", name: "", version: "0.0.0", icon: null, accountNoun: "", settings: [],
    signIn: signIn({ openid: "", scopes: [] }),
    people: null, permissions: [], capabilities: [], extra: [["portico-fault", what]],
  };
}

function setting(said, at) {
  const { key, label, help = "", kind = "text", choices = [], required = false, default: usual, ...rest } = object(said, at);
  none(rest, `setting ${key}`);
  return {
    key: text(key, "setting.key"), label: text(label, `setting ${key}.label`), help: text(help, `setting ${key}.help`),
    kind: word(kind, `setting ${key}.kind`, ["text", "url", "choice", "flag", "secret"]),
    choices: texts(choices, `setting ${key}.choices`),
    required: truth(required, `setting ${key}.required`),
    default: maybe(usual, `setting ${key}.default`),
  };
}

function signIn(said) {
  const { openid, plain, defaultTenant, scopes, scopeSeparator = "space", parameters, tokenEncoding = "form", clientAuth = "basic", tokenReply = [], userRecords = [], extra, ...rest } =
    object(said, "signIn");
  none(rest, "signIn");
  return {
    endpoints: plain ? { tag: "plain", val: plainEndpoints(plain) } : { tag: "openid", val: text(openid, "signIn.openid") },
    defaultTenant: maybe(defaultTenant, "signIn.defaultTenant"),
    scopes: texts(scopes ?? fail("signIn has to say scopes"), "signIn.scopes"),
    scopeSeparator: word(scopeSeparator, "signIn.scopeSeparator", ["space", "comma"]),
    parameters: pairs(parameters, "signIn.parameters"),
    tokenEncoding: word(tokenEncoding, "signIn.tokenEncoding", ["form", "json-camel-case", "json-snake-case"]),
    clientAuth: word(clientAuth, "signIn.clientAuth", ["basic", "post", "none"]),
    tokenReply: texts(tokenReply, "signIn.tokenReply"),
    userRecords: each(userRecords, "signIn.userRecords", userRecord),
    extra: pairs(extra, "signIn.extra"),
  };
}

function plainEndpoints(said) {
  const { issuer, authorization, token, endSession, ...rest } = object(said, "signIn.plain");
  none(rest, "signIn.plain");
  return {
    issuer: text(issuer, "plain.issuer"), authorization: text(authorization, "plain.authorization"), token: text(token, "plain.token"),
    endSession: maybe(endSession, "plain.endSession"),
  };
}

function userRecord(said, at) {
  const { member, url, headers, permission: name, ...rest } = object(said, at);
  none(rest, at);
  return {
    member: maybe(member, "userRecord.member"),
    url: text(url, "userRecord.url"),
    headers: pairs(headers, "userRecord.headers"),
    permission: text(name, "userRecord.permission"),
  };
}

function people(said) {
  const { subject, tenant, displayName = [], username = [], ...rest } = object(said, "people");
  none(rest, "people");
  return {
    subject: text(subject, "people.subject"),
    tenant: maybe(tenant, "people.tenant"),
    displayName: texts([displayName].flat(), "people.displayName"),
    username: texts([username].flat(), "people.username"),
  };
}

function permission(said, at) {
  const { name, why, principal = "signed-in-user", scopes = [], hosts, paths, methods = ["get"], placement = "bearer", requestHeaders = [], replyHeaders = [], secretHeaders = [], ...rest } =
    object(said, at);
  const where = `permission ${name}`;
  none(rest, where);
  return {
    name: text(name, "permission.name"), why: text(why, `${where}.why`),
    principal: word(principal, `${where}.principal`, ["signed-in-user", "application", "nobody"]),
    scopes: texts(scopes, `${where}.scopes`),
    hosts: texts(hosts ?? fail(`${where} has to say hosts`), `${where}.hosts`),
    paths: texts(paths ?? fail(`${where} has to say paths`), `${where}.paths`),
    methods: each(methods, `${where}.methods`, (method) => word(method, `${where}.methods`, ["get", "post"])),
    placement: variant(placement, `${where}.placement`, ["bearer", "basic"], { prefix: text, header: text }),
    requestHeaders: texts(requestHeaders, `${where}.requestHeaders`),
    replyHeaders: texts(replyHeaders, `${where}.replyHeaders`),
    secretHeaders: each(secretHeaders, `${where}.secretHeaders`, secretHeader),
  };
}

function secretHeader(said, at) {
  const { setting: key, header, prefix = "", ...rest } = object(said, at);
  none(rest, at);
  return { setting: text(key, "secretHeader.setting"), header: text(header, "secretHeader.header"), prefix: text(prefix, "secretHeader.prefix") };
}

function capability(said, at) {
  const { name, kind, why, extra, ...rest } = object(said, at);
  none(rest, `capability ${name}`);
  return { name: text(name, "capability.name"), kind: text(kind, "capability.kind"), why: text(why, "capability.why"), extra: pairs(extra, "capability.extra") };
}

/** What the host says of a person, in the shape of portico.d.ts. */
export function person({ username, tokenReply, extra, ...rest }) {
  return { ...rest, username: username ?? undefined, tokenReply: Object.fromEntries(tokenReply), extra: Object.fromEntries(extra) };
}

/** `declared` is the permission of this name in the descriptor. */
export function request({ method, url, headers, body, permission: name, tenant: other }, id, declared) {
  if (name !== undefined && !declared) fail(`the descriptor has no permission ${name}`);
  for (const header of Object.keys(headers)) {
    if (!maySend(header.toLowerCase(), declared)) fail(`the host does not send the header ${header}; name it in requestHeaders of ${name ? `the permission ${name}` : "a permission for this request"}`);
  }
  return {
    id, method,
    url: text(url, "url"),
    headers: pairs(headers, "headers"),
    body: maybe(body, "body"),
    credential: name === undefined ? null : { permission: text(name, "permission"), tenant: maybe(other, "tenant") },
  };
}

export function outcome(returned) {
  const { tenants = [], subscriptions = [], warnings = [], extra, ...rest } =
    object(returned ?? fail("discover has to return an outcome: { subscriptions, warnings }"), "what discover returns");
  none(rest, "the outcome");
  return {
    tenants: each(tenants, "tenants", tenant),
    subscriptions: each(subscriptions, "subscriptions", subscription),
    warnings: texts(warnings, "warnings"),
    extra: pairs(extra, "extra"),
  };
}

function tenant(said, at) {
  const { id, displayName, state = "ok", reason, mender, repair, extra, ...rest } = object(said, at);
  none(rest, "a tenant");
  const claims = (value, where) => text(typeof value === "string" ? value : JSON.stringify(value), where);
  return {
    id: text(id, "tenant.id"),
    displayName: text(displayName || id, "tenant.displayName"),
    state: word(state, "tenant.state", ["ok", "empty", "wants-mfa", "wants-consent", "blocked", "unreachable"]),
    reason: maybe(reason, "tenant.reason"),
    mender: maybe(mender, "tenant.mender", (value, where) => word(value, where, ["person", "administrator", "operator"])),
    repair: maybe(repair, "tenant.repair", (value, where) => variant(value, where, ["sign-in"], { claims, link: text })),
    extra: pairs(extra, "tenant.extra"),
  };
}

function subscription(said, at) {
  const { id, displayName, state, tenant: owner, extra, ...rest } = object(said, at);
  none(rest, "a subscription");
  return {
    id: text(id, "subscription.id"),
    displayName: text(displayName || id, "subscription.displayName"),
    state: maybe(state, "subscription.state"),
    tenant: maybe(owner, "subscription.tenant"),
    extra: pairs(extra, "subscription.extra"),
  };
}
