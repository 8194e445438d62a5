// A JSON parser with a limit of nesting. Deep nesting would exhaust the stack, which in a component is a
// trap that no `catch` catches.
const MAX_DEPTH = 100;

/** Like `JSON.parse`; also throws for lists and objects that are nested too deep. */
export function parse(text) {
  // With few brackets it cannot be deep. A scan of every character of 1 MiB takes long.
  if (text.split("[").length + text.split("{").length - 2 <= MAX_DEPTH) return JSON.parse(text);
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 0x22) at = endOfString(text, at + 1);
    else if (unit === 0x5b || unit === 0x7b) depth += 1;
    else if (unit === 0x5d || unit === 0x7d) depth -= 1;
    if (depth > MAX_DEPTH) throw new SyntaxError("the JSON is nested too deep");
  }
  return JSON.parse(text);
}

/** The index of the quotation mark that ends a string, or of the end of the text. */
function endOfString(text, at) {
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return text.length;
    let slashes = 0;
    while (text[quote - slashes - 1] === "\\" && quote - slashes > at) slashes += 1;
    if (slashes % 2 === 0) return quote;
    at = quote + 1;
  }
}
