"""Lists in pages. An error ends a list with a warning and keeps the entries so far, so that a login never
fails because of one page."""

from .request import Request, wait
from .text import same_origin

_MAX_PAGES = 100
_MAX_ENTRIES = 10_000  # the host's limit
_MAX_RETRIES = 2  # of one page
_MAX_WAIT = 10  # seconds before a retry; a whole listing has 20


def list_all(first, *, what, read, next_page=lambda reply: None, entries=lambda body: body):
    """`found, warnings = yield from list_all(get(...), what=..., read=..., next_page=...)`

    - `what`: a name of the entries in the plural ("teams")
    - `read(entry)`: the value of an entry, with an `id`; None or an exception skips the entry
    - `next_page(reply)`: the request for the next page; None ends the list
    - `entries(body)`: the list in a page's JSON; the whole body if left out
    """
    # By id, because a list that changes between two pages repeats an entry.
    found, requested, skipped, error = {}, set(), 0, None
    request, left = first, _MAX_ENTRIES
    while request and not error:
        requested.add(_signature(request))
        reply = yield from _fetched(request)
        page = _attempt(lambda: entries(reply.json())) if reply.ok else None
        if not isinstance(page, list):
            error = reply.why if not reply.ok else (
                f"{reply.asked} sent an answer that this plug-in does not understand; "
                "try again, and if it stays tell the operator of Portico"
            )
            break
        for entry in page[:left]:
            value = _attempt(lambda: read(entry))
            if value is None:
                skipped += 1
            else:
                found.setdefault(value.id, value)
        if len(page) > left:
            error = f"only the first {_MAX_ENTRIES} entries were read"
            break
        left -= len(page)
        request = next_page(reply)
        if request:
            error = _refusal(request, first, requested)
        elif reply.status == 206:  # a part of a list (RFC 9110 section 15.3.7): there should be a next page
            error = f"{reply.asked} sent a part of the list and did not say where the rest is; tell the operator of Portico"
    return list(found.values()), _warnings(what, len(found), error, skipped)


def _fetched(request):
    """The reply to one page, after retries for a 429 or 503 with `Retry-After`."""
    reply = yield request
    for _ in range(_MAX_RETRIES):
        seconds = reply.retry_after
        if seconds is None or seconds > _MAX_WAIT:
            break
        reply = yield wait(seconds, request)
    return reply


def _refusal(request, first, requested):
    """Why the next page is not requested. The token must not be sent to another origin."""
    if not isinstance(request, Request):
        return "this plug-in named no proper next page; tell the operator of Portico"
    if not same_origin(request.url, first.url):
        return "the next page is on another host and was not fetched; tell the operator of Portico"
    if _signature(request) in requested:
        return "the pages go round in a circle; tell the operator of Portico"
    if len(requested) >= _MAX_PAGES:
        return f"only the first {_MAX_PAGES} pages were read"
    return None


def _warnings(what, count, error, skipped):
    warnings = []
    if error:
        warnings.append(f"{f'Some {what} are missing' if count else f'No {what} could be listed'}: {error}.")
    if skipped:
        warnings.append(
            f"{skipped} of the {what} {'was' if skipped == 1 else 'were'} passed over: "
            "this plug-in does not understand the entry; an update of it may help."
        )
    return warnings


def _signature(request):
    return request.method, request.url, tuple(request.headers.items()), request.body


def _attempt(step):
    # An invalid page or entry must not fail the login.
    try:
        return step()
    except Exception:
        return None
