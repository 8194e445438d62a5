"""Text and addresses.

What this does not recognise counts as no address at all. `urllib.parse` is not used: it imports
modules when it meets an unusual host, and a built component has no file to import from.
"""

import re

_ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[^/?#@:\\\[\]]+)(?::(?P<port>[0-9]{1,5}))?(?=[/?#]|\Z)"
    r"(?P<path>[^?#]*)(?P<rest>.*)\Z",
    re.IGNORECASE,
)
_FORBIDDEN = re.compile(r"[\s\\\x00-\x1f\x7f-\x9f]")
# Control characters, marks that turn the direction of writing, and those that show nothing, which a
# host strips too; and halves of surrogate pairs.
_NOT_IN_A_NAME = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
# Joiners that follow nothing they could join: Persian, Sinhala and emoji families keep theirs.
_STRAY_JOINERS = re.compile("(^|[\\s\u200c\u200d])[\u200c\u200d]+")
_SEEN = re.compile("[^\\s\u200c\u200d\u115f\u1160\u2800\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_LONGEST_NAME = 256


def parts(url):
    """Scheme, host, port, path and the rest, or None where `url` is no http(s) address."""
    match = isinstance(url, str) and not _FORBIDDEN.search(url) and _ADDRESS.match(url)
    if not match:
        return None
    scheme = match["scheme"].lower()
    port = int(match["port"]) if match["port"] else {"https": 443, "http": 80}[scheme]
    return scheme, match["host"].lower(), port, match["path"], match["rest"]


def host_of(url):
    """The host of an address, without its port; "" for what is none."""
    found = parts(url)
    return found[1] if found else ""


def same_origin(one, other):
    a, b = parts(one), parts(other)
    return a is not None and b is not None and a[:3] == b[:3]


def clean(name):
    """A name that a page can show: no control characters, no half of a surrogate pair (a component
    could not hand it to its host), at most 256 characters."""
    if not isinstance(name, str):
        return ""
    shown = _NOT_IN_A_NAME.sub("", name[:8 * _LONGEST_NAME])
    shown = _STRAY_JOINERS.sub("\\1", shown).strip()[:_LONGEST_NAME]
    return shown if _SEEN.search(shown) else ""
