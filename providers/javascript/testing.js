// For the tests of a provider: plays the host, with scripted answers and no WASM.
import { mayRead } from "./request.js";

/** A person as the host hands them to `discover`, in the shape of portico.d.ts. */
export const SOMEBODY = { subject: "1", tenant: "example.com", displayName: "Somebody", tokenReply: {}, extra: {} };

/**
 * Runs one listing of what `serve` returned. `answer(request)` gives `{ status, headers, body }`
 * (a body that is no text is sent as JSON) or the name of a fetch error. As the host does it, only
 * those headers are handed over that it passes on to everybody or that the permission names.
 * Returns the outcome, what was `asked`, and the same by `steps`, each `{ requests, waitSeconds }`;
 * a problem is thrown as provider.wit has it.
 */
export function drive(provider, { settings = {}, person = {}, answer }) {
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

/** What `call` threw: `{ tag, val }`. */
export function problemOf(call) {
  try {
    call();
  } catch (problem) {
    return problem;
  }
  throw new Error("there was no problem");
}
