"""Lists that come in pages. Whatever goes wrong on the way ends the list with a warning and keeps
what was found: a login never fails because one page did."""

from .request import Request, wait
from .text import same_origin

_MAX_PAGES = 100
_MAX_ENTRIES = 10_000  # the host takes no longer list
_MAX_RETRIES = 2  # of one page
_MAX_WAIT = 10  # seconds before one of them: the host gives a whole listing 20


def list_all(first, *, what, read, next_page=lambda reply: None, entries=lambda body: body):
    """`found, warnings = yield from list_all(get(...), what=..., read=..., next_page=...)`

    - `what`: the entries' name in the plural, as a person says it ("teams")
    - `read(entry)`: what an entry stands for, with an `id`; None or an error passes it over
    - `next_page(reply)`: the request for the next page; None ends the list
    - `entries(body)`: the list in a page's JSON; the whole body if left out
    """
    found, asked, odd, trouble = {}, set(), 0, None  # found by id: a shifting list repeats an entry
    request, left = first, _MAX_ENTRIES
    while request and not trouble:
        asked.add(_signature(request))
        reply = yield from _fetched(request)
        page = _attempt(lambda: entries(reply.json())) if reply.ok else None
        if not isinstance(page, list):
            trouble = reply.why if not reply.ok else (
                f"{reply.asked} sent an answer that this plug-in does not understand; "
                "try again, and if it stays tell the operator of Portico"
            )
            break
        for entry in page[:left]:
            value = _attempt(lambda: read(entry))
            if value is None:
                odd += 1
            else:
                found.setdefault(value.id, value)
        if len(page) > left:
            trouble = f"only the first {_MAX_ENTRIES} entries were read"
            break
        left -= len(page)
        request = next_page(reply)
        if request:
            trouble = _obstacle(request, first, asked)
        elif reply.status == 206:  # a part of a list (RFC 9110 section 15.3.7): the rest has to be somewhere
            trouble = f"{reply.asked} sent a part of the list and did not say where the rest is; tell the operator of Portico"
    return list(found.values()), _warnings(what, len(found), trouble, odd)


def _fetched(request):
    """The reply to one page, which a 429 or 503 with `Retry-After` only puts off."""
    reply = yield request
    for _ in range(_MAX_RETRIES):
        seconds = reply.retry_after
        if seconds is None or seconds > _MAX_WAIT:
            break
        reply = yield wait(seconds, request)
    return reply


def _obstacle(request, first, asked):
    """Why the next page is not fetched. A token must never follow a link out of its origin."""
    if not isinstance(request, Request):
        return "this plug-in named no proper next page; tell the operator of Portico"
    if not same_origin(request.url, first.url):
        return "the next page is on another host and was not fetched; tell the operator of Portico"
    if _signature(request) in asked:
        return "the pages go round in a circle; tell the operator of Portico"
    if len(asked) >= _MAX_PAGES:
        return f"only the first {_MAX_PAGES} pages were read"
    return None


def _warnings(what, count, trouble, odd):
    said = []
    if trouble:
        said.append(f"{f'Some {what} are missing' if count else f'No {what} could be listed'}: {trouble}.")
    if odd:
        said.append(
            f"{odd} of the {what} {'was' if odd == 1 else 'were'} passed over: "
            "this plug-in does not understand the entry; an update of it may help."
        )
    return said


def _signature(request):
    return request.method, request.url, tuple(request.headers.items()), request.body


def _attempt(step):
    # Whatever is wrong with one page or entry is the cloud's answer, not a reason to stop a login.
    try:
        return step()
    except Exception:
        return None
