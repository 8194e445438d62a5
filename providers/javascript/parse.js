// JSON that cannot exhaust the stack: in a component that is a trap, which no `catch` sees.
const DEEPEST = 100;

/** Like `JSON.parse`; throws also where lists and objects stand in one another too deep. */
export function parse(text) {
  // What opens that seldom cannot be deep; looking at every character of a megabyte takes long.
  if (text.split("[").length + text.split("{").length - 2 <= DEEPEST) return JSON.parse(text);
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 0x22) at = endOfString(text, at + 1);
    else if (unit === 0x5b || unit === 0x7b) depth += 1;
    else if (unit === 0x5d || unit === 0x7d) depth -= 1;
    if (depth > DEEPEST) throw new SyntaxError("the JSON is nested too deep");
  }
  return JSON.parse(text);
}

/** The place of the quotation mark that ends a string, or of the text's end. */
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
