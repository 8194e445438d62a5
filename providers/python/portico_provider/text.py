"""Text and addresses.

An address that this does not recognise is invalid. `urllib.parse` is not used, because it imports modules
for an unusual host, and a component has no files to import from.
"""

import re

_ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[^/?#@:\\\[\]]+)(?::(?P<port>[0-9]{1,5}))?(?=[/?#]|\Z)"
    r"(?P<path>[^?#]*)(?P<rest>.*)\Z",
    re.IGNORECASE,
)
_FORBIDDEN = re.compile(r"[\s\\\x00-\x1f\x7f-\x9f]")
# Control characters, direction marks and characters without a glyph, which the host removes too, and
# unpaired surrogates.
_NOT_IN_A_NAME = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
# Joiners without a letter before them. Persian, Sinhala and emoji families need the others.
_STRAY_JOINERS = re.compile("(^|[\\s\u200c\u200d])[\u200c\u200d]+")
_VISIBLE = re.compile("[^\\s\u200c\u200d\u115f\u1160\u2800\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_MAX_NAME_LEN = 256


def parts(url):
    """Scheme, host, port, path and the rest; None if `url` is not an http(s) address."""
    match = isinstance(url, str) and not _FORBIDDEN.search(url) and _ADDRESS.match(url)
    if not match:
        return None
    scheme = match["scheme"].lower()
    port = int(match["port"]) if match["port"] else {"https": 443, "http": 80}[scheme]
    return scheme, match["host"].lower(), port, match["path"], match["rest"]


def host_of(url):
    """The host of an address without its port; "" if it is not an address."""
    found = parts(url)
    return found[1] if found else ""


def same_origin(one, other):
    a, b = parts(one), parts(other)
    return a is not None and b is not None and a[:3] == b[:3]


def clean(name):
    """A name for a page: without control characters and unpaired surrogates (a component could not pass
    these to the host), at most 256 characters."""
    if not isinstance(name, str):
        return ""
    cleaned = _NOT_IN_A_NAME.sub("", name[:8 * _MAX_NAME_LEN])
    cleaned = _STRAY_JOINERS.sub("\\1", cleaned).strip()[:_MAX_NAME_LEN]
    return cleaned if _VISIBLE.search(cleaned) else ""
