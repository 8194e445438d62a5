// Text and addresses. QuickJS has no URL class. An address that this does not recognise is invalid.

const ADDRESS = /^(https?):\/\/(\[[0-9a-f:.]+\]|[^\/?#@:\\[\]]+)(?::(\d{1,5}))?(?=[\/?#]|$)([^?#]*)(.*)$/i;
const FORBIDDEN = /[\s\\\p{Cc}]/u;
// Control characters, direction marks and characters without a glyph, which the host removes too.
const INVISIBLE = /[\0-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
// Joiners without a letter before them. Persian, Sinhala and emoji families need the others.
const STRAY_JOINERS = /(^|[\s\u200c\u200d])[\u200c\u200d]+/gu;
const VISIBLE = /[^\s\u200c\u200d\u115f\u1160\u2800\u3164\uffa0\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/u;
const MAX_NAME_LEN = 256;

/** Scheme, host, port, path and the rest; undefined if `url` is not an http(s) address. */
export function parts(url) {
  const match = typeof url === "string" && !FORBIDDEN.test(url) && ADDRESS.exec(url);
  if (!match) return undefined;
  const [, scheme, host, port, path, rest] = match;
  const defaultPort = scheme.toLowerCase() === "https" ? 443 : 80;
  return {
    scheme: scheme.toLowerCase(),
    host: host.toLowerCase(),
    port: port === undefined ? defaultPort : Number(port),
    path,
    rest,
  };
}

/** The host of an address without its port; "" if it is not an address. */
export function hostOf(url) {
  return parts(url)?.host ?? "";
}

export function sameOrigin(one, other) {
  const [a, b] = [parts(one), parts(other)];
  return !!a && !!b && a.scheme === b.scheme && a.host === b.host && a.port === b.port;
}

/**
 * A name for a page: without control characters and unpaired surrogates (a component could not pass
 * these to the host), at most 256 characters.
 */
export function clean(name) {
  if (typeof name !== "string") return "";
  const cleaned = wellFormed(name.slice(0, 8 * MAX_NAME_LEN), "").replace(INVISIBLE, "").replace(STRAY_JOINERS, "$1").trim();
  if (!VISIBLE.test(cleaned)) return "";
  if (cleaned.length <= MAX_NAME_LEN) return cleaned;
  return [...cleaned.slice(0, 2 * MAX_NAME_LEN)].slice(0, MAX_NAME_LEN).join("");
}

/** Text with unpaired surrogates replaced, because they cannot be encoded in UTF-8. */
export function wellFormed(text, replacement) {
  return /[\ud800-\udfff]/.test(text) ? text.replace(/\p{Cs}/gu, replacement) : text;
}
