// Text and addresses. QuickJS has no URL class; a provider needs only these few parts of one, and
// what this does not recognise counts as no address at all.

const ADDRESS = /^(https?):\/\/(\[[0-9a-f:.]+\]|[^\/?#@:\\[\]]+)(?::(\d{1,5}))?(?=[\/?#]|$)([^?#]*)(.*)$/i;
const FORBIDDEN = /[\s\\\p{Cc}]/u;
// Control characters, marks that turn the direction of writing, and those that show nothing: what a
// host strips too.
const UNSEEN = /[\0-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
// Joiners that follow nothing they could join: Persian, Sinhala and emoji families keep theirs.
const STRAY_JOINERS = /(^|[\s\u200c\u200d])[\u200c\u200d]+/gu;
const SEEN = /[^\s\u200c\u200d\u115f\u1160\u2800\u3164\uffa0\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/u;
const LONGEST_NAME = 256;

/** Scheme, host, port, path and the rest, or undefined where `url` is no http(s) address. */
export function parts(url) {
  const match = typeof url === "string" && !FORBIDDEN.test(url) && ADDRESS.exec(url);
  if (!match) return undefined;
  const [, scheme, host, port, path, rest] = match;
  const usual = scheme.toLowerCase() === "https" ? 443 : 80;
  return {
    scheme: scheme.toLowerCase(),
    host: host.toLowerCase(),
    port: port === undefined ? usual : Number(port),
    path,
    rest,
  };
}

/** The host of an address, without its port; "" for what is none. */
export function hostOf(url) {
  return parts(url)?.host ?? "";
}

export function sameOrigin(one, other) {
  const [a, b] = [parts(one), parts(other)];
  return !!a && !!b && a.scheme === b.scheme && a.host === b.host && a.port === b.port;
}

/**
 * A name that a page can show: no control characters, no half of a surrogate pair (a component
 * could not hand it to its host), at most 256 characters.
 */
export function clean(name) {
  if (typeof name !== "string") return "";
  const shown = wellFormed(name.slice(0, 8 * LONGEST_NAME), "").replace(UNSEEN, "").replace(STRAY_JOINERS, "$1").trim();
  if (!SEEN.test(shown)) return "";
  if (shown.length <= LONGEST_NAME) return shown;
  return [...shown.slice(0, 2 * LONGEST_NAME)].slice(0, LONGEST_NAME).join("");
}

/** Text with every half of a surrogate pair replaced: it has no UTF-8. Cheap where there is none. */
export function wellFormed(text, replacement) {
  return /[\ud800-\udfff]/.test(text) ? text.replace(/\p{Cs}/gu, replacement) : text;
}
