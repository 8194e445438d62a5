"""What a provider yields (`get`, `post`) and what it gets back (`Reply`)."""

from dataclasses import dataclass, field

from .parse import parse
from .problem import Problem
from .text import host_of


@dataclass
class Request:
    """One request. It is numbered when it is yielded, so that it may be yielded again."""

    method: str
    url: str
    grant: str | None = None
    tenant: str | None = None
    headers: dict = field(default_factory=dict)
    body: str | None = None
    note: str | None = None


def get(url, **options):
    return Request("get", url, **options)


def post(url, **options):
    return Request("post", url, **options)


# What a person can do about an answer that is none.
_REMEDIES = {
    "not-granted": "may not be asked by this plug-in; whoever runs Portico has to approve it",
    "no-token": "needs a new sign-in; sign in again",
    "timed-out": "did not answer in time; try again in a few minutes",
    "too-large": "sent more than Portico takes; tell whoever runs Portico",
    "unreachable": "could not be reached; try again in a few minutes",
    "budget-spent": "was not asked any further, the listing had grown too long; tell whoever runs Portico",
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
    return f"gave an answer that was not expected ({status}); tell whoever runs Portico"


@dataclass
class Reply:
    """An answer, or the reason why there is none: `error` says which, and `status` is 0 then."""

    request: Request
    status: int = 0
    headers: list = field(default_factory=list)
    text: str = ""
    error: str | None = None

    @property
    def ok(self):
        return 200 <= self.status < 300

    def header(self, name):
        """The first header of that name in any spelling, or None."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def json(self):
        """The body as JSON; raises `Problem.unexpected` where it is none."""
        try:
            return parse(self.text)
        except ValueError:
            raise Problem.unexpected(f"{self.asked} sent something that is not JSON") from None

    @property
    def asked(self):
        """Who was asked."""
        return host_of(self.request.url) or "the cloud"

    @property
    def why(self):
        """Why there is nothing to read, and what to do about it: for a warning."""
        return f"{self.asked} {_REMEDIES[self.error] if self.error else _remedy(self.status)}"
