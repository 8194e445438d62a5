// Plain values into the records of provider.wit: what was left out gets its default, objects become
// lists of pairs, undefined becomes null. A field that provider.wit does not have is an error, so
// that a misspelt one is noticed by its writer and not by a customer.
import { Problem } from "./problem.js";
import { wellFormed } from "./text.js";

function fail(what) {
  throw Problem.other("internal", what);
}

function none(rest, where) {
  const unknown = Object.keys(rest);
  if (unknown.length) fail(`${where} has no field ${unknown.join(", ")}`);
}

/** Text as a component can hand it over: half a surrogate pair has no UTF-8. */
export function text(value, where) {
  if (typeof value !== "string") fail(`${where} has to be text, not ${value === null ? "null" : typeof value}`);
  return wellFormed(value, "\uFFFD");
}

const maybe = (value, where) => (value === undefined || value === null ? null : text(value, where));
const texts = (values, where) => values.map((value) => text(value, where));
const pairs = (object = {}, where) => Object.entries(object).map(([key, value]) => [text(key, where), text(value, `${where}.${key}`)]);

export function descriptor({ id, name, version, icon, accountNoun, people, settings = [], grants = [], extra, ...rest }) {
  none(rest, "the descriptor");
  return {
    id, name, version, accountNoun,
    icon: maybe(icon, "icon"),
    people: people ? { subject: text(people.subject, "people.subject"), tenant: maybe(people.tenant, "people.tenant") } : null,
    settings: settings.map(setting),
    grants: grants.map(grant),
    extra: pairs(extra, "extra"),
  };
}

function setting({ key, label, help = "", kind = "text", choices = [], required = false, default: usual, ...rest }) {
  none(rest, `setting ${key}`);
  return { key, label, help, kind, choices, required, default: maybe(usual, `setting ${key}.default`) };
}

function grant({ name, why, principal = "signed-in-user", scopes = [], hosts, paths, methods = ["get"], placement = "bearer", ...rest }) {
  none(rest, `grant ${name}`);
  const put = placement === "bearer" ? { tag: "bearer" } : { tag: "header", val: text(placement.header, "placement.header") };
  return { name, why, principal, scopes, hosts, paths, methods, placement: put };
}

export function signIn({ openid, plain, tenantClaim, scopes, parameters, tokenEncoding = "form", clientAuth = "basic", extra, ...rest }) {
  none(rest, "signIn");
  return {
    endpoints: plain ? { tag: "plain", val: plainEndpoints(plain) } : { tag: "openid", val: text(openid, "openid") },
    tenantClaim: maybe(tenantClaim, "tenantClaim"),
    scopes: texts(scopes, "scopes"),
    parameters: pairs(parameters, "parameters"),
    tokenEncoding, clientAuth,
    extra: pairs(extra, "extra"),
  };
}

function plainEndpoints({ issuer, authorization, token, endSession, userRecord, ...rest }) {
  none(rest, "plain");
  return {
    issuer, authorization, token,
    endSession: maybe(endSession, "endSession"),
    userRecord: userRecord ? { url: userRecord.url, headers: pairs(userRecord.headers, "headers"), grant: userRecord.grant } : null,
  };
}

/** What Portico takes for a person: visible ASCII. */
const SUBJECT = /^[!-~]{1,255}$/;

export function identity({ subject, tenant, displayName, username, extra, ...rest }) {
  none(rest, "identity");
  if (typeof subject !== "string" || !SUBJECT.test(subject)) throw Problem.unexpected("nothing says who signed in: the subject is missing, or none that Portico takes");
  return {
    subject: text(subject, "subject"),
    tenant: text(tenant, "tenant"),
    displayName: text(displayName || username || subject, "displayName"),
    username: maybe(username, "username"),
    extra: pairs(extra, "extra"),
  };
}

export function request({ method, url, headers, body, grant: name, tenant }, id) {
  return {
    id, method,
    url: text(url, "url"),
    headers: pairs(headers, "headers"),
    body: maybe(body, "body"),
    credential: name === undefined ? null : { grant: text(name, "grant"), tenant: maybe(tenant, "tenant") },
  };
}

export function outcome({ tenants = [], subscriptions = [], warnings = [], extra, ...rest } = {}) {
  none(rest, "the outcome");
  return {
    tenants: tenants.map(tenant),
    subscriptions: subscriptions.map(subscription),
    warnings: texts(warnings, "warnings"),
    extra: pairs(extra, "extra"),
  };
}

function tenant({ id, displayName, state = "ok", reason, challenge, extra, ...rest }) {
  none(rest, "a tenant");
  return {
    id: text(id, "tenant.id"),
    displayName: text(displayName || id, "tenant.displayName"),
    state,
    reason: maybe(reason, "tenant.reason"),
    challenge: maybe(challenge, "tenant.challenge"),
    extra: pairs(extra, "tenant.extra"),
  };
}

function subscription({ id, displayName, state, tenant: owner, extra, ...rest }) {
  none(rest, "a subscription");
  return {
    id: text(id, "subscription.id"),
    displayName: text(displayName || id, "subscription.displayName"),
    state: maybe(state, "subscription.state"),
    tenant: maybe(owner, "subscription.tenant"),
    extra: pairs(extra, "subscription.extra"),
  };
}
