"""For the tests of a provider: plays the host, with scripted answers and no WASM.

It needs the records of provider.wit, which `componentize-py ... bindings FOLDER` writes:
scripts/test-guests has them on the path.
"""

import json

from componentize_py_types import Err, Ok
from provider import Configured
from wit_world.exports import provider as wit

from .serving import serve

SOMEBODY = wit.Identity("1", "example.com", "Somebody", None, [])


def configured(provider, **settings):
    serve(provider)
    return Configured.create([(key.replace("_", "-"), value) for key, value in settings.items()], None)


def drive(provider, answer, identity=SOMEBODY, **settings):
    """One listing: the outcome, and every request. `answer(request)` gives a dict of `status`,
    `headers` and `body` (what is no text is sent as JSON), or the name of a fetch error. A problem
    is raised as provider.wit has it: `Err` with its case as `value`."""
    discovery = configured(provider, **settings).discover(identity)
    asked, responses = [], []
    while True:
        step = discovery.next(responses)
        if isinstance(step, wit.Step_Done):
            return step.value, asked
        asked += step.value.requests
        responses = [wit.Response(each.id, _outcome(answer(each))) for each in step.value.requests]


def _outcome(answer):
    if isinstance(answer, str):
        return Err(wit.FetchError[answer.upper().replace("-", "_")])
    body = answer.get("body", "")
    return Ok(wit.Reply(
        answer.get("status", 200), list(answer.get("headers", {}).items()),
        body if isinstance(body, str) else json.dumps(body),
    ))
