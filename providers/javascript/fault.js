// What a plug-in at fault says of it: for the operator, never for a person.

/** Whether this runs as a component, where nobody sees what is thrown, and not under Node. */
export const IN_COMPONENT = typeof globalThis.process === "undefined";

const LONGEST = 500; // the host keeps 600 characters
const MOST_LINES = 3;
/** Lines of these modules lead nobody to a mistake. */
const HELPERS = /\b(?:clock|fault|list|parse|problem|request|serve|text|wire)\.js:|\(<anonymous>\)|<eval>|\(native\)/;

/** Which function failed and why; in a component the lines that led there too. */
export function said(where, error) {
  const what = error?.internal ? error.val[1] : `${error}`;
  return IN_COMPONENT ? located(where, what, error) : what;
}

export function located(where, what, error) {
  const lines = `${error?.stack ?? ""}`.split("\n").map((line) => line.trim());
  const own = lines.filter((line) => line.startsWith("at ") && !HELPERS.test(line)).slice(0, MOST_LINES);
  return `${where}: ${what}${own.length ? ` (${own.join(", ")})` : ""}`.slice(0, LONGEST);
}
