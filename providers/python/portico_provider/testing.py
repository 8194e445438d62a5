"""Test helpers: runs a provider with scripted replies, without WebAssembly.

It needs the records of provider.wit, which `componentize-py ... bindings FOLDER` generates.
"""

import json
from collections import namedtuple

from componentize_py_types import Err, Ok
from provider import Configured
from wit_world.exports import provider as wit

from .request import may_read
from .serving import serve
from .values import Person
from .wire import pairs

SOMEBODY = Person("1", "example.com", "Somebody")

# The outcome, all requests, and the wait before each step in seconds.
ListingRun = namedtuple("ListingRun", "outcome asked waits")


def configured(provider, **settings):
    serve(provider)
    return Configured.create([(key.replace("_", "-"), value) for key, value in settings.items()])


def on_the_wire(person):
    extra, token_reply = pairs(person.extra, "extra"), pairs(person.token_reply, "token_reply")
    return wit.Person(person.subject, person.tenant, person.display_name, person.username, token_reply, extra)


def run_listing(provider, answer, person=SOMEBODY, **settings):
    """Runs one listing. `answer(request)` returns a dict with `status`, `headers` and `body` (a value that
    is not text becomes JSON), or the name of a fetch error. The provider gets only the headers that the host
    passes on. A problem is raised as `Err` with the case of provider.wit as `value`."""
    permissions = {each.name: each for each in provider.descriptor.permissions}
    discovery = configured(provider, **settings).discover(on_the_wire(person))
    asked, waits, responses = [], [], []
    while True:
        step = discovery.next(responses)
        if isinstance(step, wit.Step_Done):
            return ListingRun(step.value, asked, waits)
        asked += step.value.requests
        waits.append(step.value.wait_seconds)
        responses = [
            wit.Response(each.id, _outcome(answer(each), each.credential and permissions[each.credential.permission]))
            for each in step.value.requests
        ]


def _outcome(answer, permission):
    if isinstance(answer, str):
        return Err(wit.FetchError[answer.upper().replace("-", "_")])
    body = answer.get("body", "")
    headers = [(name.lower(), value) for name, value in answer.get("headers", {}).items()]
    return Ok(wit.Reply(
        answer.get("status", 200), [each for each in headers if may_read(each[0], permission)],
        body if isinstance(body, str) else json.dumps(body),
    ))
