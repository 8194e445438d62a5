"""Makes one class the provider of a component, and holds its settings against its descriptor."""

from .parse import parse
from .problem import Problem
from .text import parts

served = None  # the one provider of this component; provider.py builds its resources from it


def serve(provider):
    """`Provider = serve(Heroku)`: what componentize-py looks for in the module it is given."""
    global served
    served = provider

    class Provider:
        def describe(self):
            from . import wire  # late: the records it fills exist only where bindings do

            return wire.descriptor(provider.descriptor)

    return Provider


def settings(descriptor, pairs):
    """By key, with defaults. An address loses its last slash: what follows is put behind it."""
    given, found = dict(pairs), {}
    for each in descriptor.settings:
        value = given.get(each.key) or each.default
        if not value and each.required:
            raise Problem.setting(each.key, "is missing")
        if value and each.kind == "url":
            address = parts(value)
            if not address or address[4]:
                raise Problem.setting(each.key, "has to be an address like https://example.com, without ? and #")
            value = value.rstrip("/")
        if value:
            found[each.key] = value
    return found


def parse_claims(claims):
    try:
        parsed = parse(claims)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise Problem.unexpected("what says who signed in is not a JSON object")
    return parsed
