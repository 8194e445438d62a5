// Test helpers: runs a provider with scripted replies, without WebAssembly.
import { mayRead } from "./request.js";

/** The default person of a listing, as `discover` gets it. */
export const SOMEBODY = { subject: "1", tenant: "example.com", displayName: "Somebody", tokenReply: {}, extra: {} };

/**
 * Runs one listing of a served provider. `answer(request)` returns `{ status, headers, body }` (a body
 * that is not text becomes JSON) or the name of a fetch error. The provider gets only the headers that
 * the host passes on. Returns the outcome, all requests as `asked`, and `steps`, each
 * `{ requests, waitSeconds }`. A problem is thrown with the case of provider.wit as `tag`.
 */
export function runListing(provider, { settings = {}, person = {}, answer }) {
  const { permissions } = provider.describe();
  const reply = (request) => {
    const permission = permissions.find(({ name }) => name === request.credential?.permission);
    return { id: request.id, outcome: outcome(answer(request), permission) };
  };
  const discovery = provider.Configured.create(Object.entries(settings)).discover(onTheWire(person));
  const steps = [];
  let responses = [];
  for (;;) {
    const { tag, val } = discovery.next(responses);
    if (tag === "done") return { ...val, steps, asked: steps.flatMap(({ requests }) => requests) };
    steps.push(val);
    responses = val.requests.map(reply);
  }
}

function onTheWire(person) {
  const { username = null, tokenReply, extra, ...rest } = { ...SOMEBODY, ...person };
  return { ...rest, username, tokenReply: Object.entries(tokenReply), extra: Object.entries(extra) };
}

function outcome(answer, permission) {
  if (typeof answer === "string") return { tag: "err", val: answer };
  const { status = 200, headers = {}, body = "" } = answer;
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    tag: "ok",
    val: {
      status,
      headers: lower.filter(([name]) => mayRead(name, permission)),
      body: typeof body === "string" ? body : JSON.stringify(body),
    },
  };
}

/** The problem that `call` throws: `{ tag, val }`. */
export function problemOf(call) {
  try {
    call();
  } catch (problem) {
    return problem;
  }
  throw new Error("there was no problem");
}
