// For the tests of a provider: plays the host, with scripted answers and no WASM.

/** An identity as the host hands it to `discover`. */
export const SOMEBODY = { subject: "1", tenant: "example.com", displayName: "Somebody", username: null, extra: [] };

/**
 * Runs one listing of what `serve` returned. `answer(request)` gives `{ status, headers, body }`
 * (a body that is no text is sent as JSON) or the name of a fetch error.
 * Returns the outcome and what was asked; a problem is thrown as provider.wit has it.
 */
export function drive(provider, { settings = {}, identity = SOMEBODY, answer }) {
  const discovery = provider.Configured.create(Object.entries(settings), null).discover(identity);
  const steps = [];
  let responses = [];
  for (;;) {
    const { tag, val } = discovery.next(responses);
    if (tag === "done") return { ...val, steps, asked: steps.flat() };
    steps.push(val.requests);
    responses = val.requests.map((request) => ({ id: request.id, outcome: outcome(answer(request)) }));
  }
}

function outcome(answer) {
  if (typeof answer === "string") return { tag: "err", val: answer };
  const { status = 200, headers = {}, body = "" } = answer;
  return { tag: "ok", val: { status, headers: Object.entries(headers), body: typeof body === "string" ? body : JSON.stringify(body) } };
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
