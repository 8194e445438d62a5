// Messages about faults of the plug-in. Only the operator sees them.

/** Whether this runs as a component, where no error is printed, and not under Node. */
export const IN_COMPONENT = typeof globalThis.process === "undefined";

const MAX_LEN = 500; // the host keeps 600 characters
const MAX_LINES = 3;
/** Lines of the stack that are not the plug-in's own. */
const HELPERS = /\b(?:clock|fault|list|parse|problem|request|serve|text|wire)\.js:|\(<anonymous>\)|<eval>|\(native\)/;

/** The message of an error; in a component with the function and the lines of the plug-in. */
export function describe(where, error) {
  const what = error?.internal ? error.val[1] : `${error}`;
  return IN_COMPONENT ? located(where, what, error) : what;
}

export function located(where, what, error) {
  const lines = `${error?.stack ?? ""}`.split("\n").map((line) => line.trim());
  const own = lines.filter((line) => line.startsWith("at ") && !HELPERS.test(line)).slice(0, MAX_LINES);
  return `${where}: ${what}${own.length ? ` (${own.join(", ")})` : ""}`.slice(0, MAX_LEN);
}
