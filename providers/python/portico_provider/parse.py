"""A JSON parser with a limit of nesting. Deep nesting would exhaust the stack, which in a component is a
trap that no `except` catches."""

import json
import re

_MAX_DEPTH = 100
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)


def parse(text):
    """Like `json.loads`; also raises ValueError for lists and objects that are nested too deep."""
    depth = 0
    for token in _TOKEN.finditer(text):
        first = text[token.start()]
        depth += 1 if first in "[{" else -1 if first in "]}" else 0
        if depth > _MAX_DEPTH:
            raise ValueError("the JSON is nested too deep")
    return json.loads(text)
