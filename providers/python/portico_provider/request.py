"""What a provider yields (`get`, `post`, `wait`) and receives (`Reply`)."""

import math
import re
from dataclasses import dataclass, field

from .parse import parse
from .problem import Problem
from .text import host_of
from .values import Permission

# The headers that need no declaration in a permission.
_REQUEST_HEADERS = {"accept", "accept-language", "content-type", "range"}
_REQUEST_PREFIXES = ("x-ms-", "x-amz-", "x-goog-", "x-github-")
_REPLY_HEADERS = {
    "content-type", "etag", "link", "next-range", "x-next-page", "retry-after", "www-authenticate",
    "x-ms-request-id", "x-ms-correlation-request-id", "x-request-id",
}
_SECONDS = re.compile(r"[0-9]{1,9}\Z")


def may_send(name, permission):
    """Whether the host sends this header, in lower case, with a request under `permission`."""
    declared = permission.request_headers if permission else []
    return (
        name in _REQUEST_HEADERS or name.startswith(_REQUEST_PREFIXES)
        or name in (each.lower() for each in declared)
    )


def may_read(name, permission):
    """Whether a provider gets this header, in lower case, of a reply under `permission`."""
    declared = permission.reply_headers if permission else []
    return name in _REPLY_HEADERS or name in (each.lower() for each in declared)


@dataclass
class Request:
    """One request. It gets its id when it is yielded, so the same request may be yielded again."""

    method: str
    url: str
    permission: str | None = None
    tenant: str | None = None
    headers: dict = field(default_factory=dict)
    body: str | None = None
    note: str | None = None


def get(url, **options):
    return Request("get", url, **options)


def post(url, **options):
    return Request("post", url, **options)


@dataclass
class Wait:
    """Requests that the host sends after a wait."""

    seconds: int
    requests: Request | list


def wait(seconds, requests):
    """`yield wait(seconds, get(...))`, also with a list of requests. The wait counts towards the time of the
    listing."""
    if not 0 <= seconds <= 3600:
        raise Problem.other("internal", "wait takes a number of seconds from 0 to 3600")
    return Wait(math.ceil(seconds), requests)


# Why a request has no reply, and what a person can do.
_REMEDIES = {
    "not-permitted": "may not be asked by this plug-in; the operator of Portico has to permit it",
    "no-token": "needs a new sign-in; sign in again",
    "token-refused": "gave no token for this tenant; sign in to the tenant again",
    "timed-out": "did not answer in time; try again in a few minutes",
    "too-large": "sent more than Portico takes; tell the operator of Portico",
    "unreachable": "could not be reached; try again in a few minutes",
    "budget-spent": "was not asked any further, the listing had grown too long; tell the operator of Portico",
    "refused": "sent a reply with a token in it, which Portico refused; tell the operator of Portico",
}


def _remedy(status):
    if status == 401:
        return "wants a new sign-in (401); sign in again"
    if status == 403:
        return "refused (403); its administrators can give you access"
    if status == 429:
        return "has had too many requests (429); try again in a few minutes"
    if status >= 500:
        return f"has trouble of its own ({status}); try again in a few minutes"
    return f"gave an answer that was not expected ({status}); tell the operator of Portico"


@dataclass
class Refusal:
    """Why the tenant of a request refused a token. `numbers` are the vendor's: they explain, and decide nothing."""

    error: str
    suberror: str | None = None
    claims: str | None = None
    numbers: list = field(default_factory=list)

    @classmethod
    def parse(cls, body):
        members = parse(body)
        return cls(members["error"], members.get("suberror"), members.get("claims"), members.get("error_codes", []))


@dataclass
class Reply:
    """A reply. If there is none, `error` is the reason and `status` is 0; `refusal` says why a tenant refused a
    token."""

    request: Request
    status: int = 0
    headers: list = field(default_factory=list)
    text: str = ""
    error: str | None = None
    permission: Permission | None = None
    refusal: Refusal | None = None

    @property
    def ok(self):
        return 200 <= self.status < 300

    def header(self, name):
        """The first header of that name, or None. Raises for a header that the host withholds."""
        wanted = name.lower()
        if not may_read(wanted, self.permission):
            where = f"the permission {self.permission.name}" if self.permission else "a permission for this request"
            raise Problem.other("internal", f"the host does not hand over the header {wanted}; name it in reply_headers of {where}")
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @property
    def retry_after(self):
        """The seconds in `Retry-After` of a 429 or 503, or None. A date is ignored, because a provider has no
        clock."""
        value = self.header("retry-after") if self.status in (429, 503) else None
        return int(value) if value and _SECONDS.match(value.strip()) else None

    def json(self):
        """The body as JSON. Raises `Problem.unexpected` if it is not JSON."""
        try:
            return parse(self.text)
        except ValueError:
            raise Problem.unexpected(f"{self.asked} sent something that is not JSON") from None

    @property
    def asked(self):
        """The host that was asked."""
        return host_of(self.request.url) or "the cloud"

    @property
    def why(self):
        """Why the request failed and what to do, for a warning."""
        return f"{self.asked} {_REMEDIES[self.error] if self.error else _remedy(self.status)}"
