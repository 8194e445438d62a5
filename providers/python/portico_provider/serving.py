"""Makes one class the provider of a component, and completes its settings."""

import re

from .clock import take_away
from .fault import IN_COMPONENT, said
from .problem import Problem
from .text import parts

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")

served = None  # the one provider of this component; provider.py builds its resources from it


def serve(provider):
    """`Provider = serve(Heroku)`: what componentize-py looks for in the module it is given."""
    global served
    if not isinstance(provider, type):
        raise Problem.other("internal", f"serve takes a class, not {type(provider).__name__}")
    served = provider
    take_away(provider)

    class Provider:
        def describe(self):
            from . import wire  # late: the records it fills exist only where bindings do

            try:
                return wire.descriptor(getattr(provider, "descriptor", None))
            except Exception as error:
                if not IN_COMPONENT:  # a test sees it where it was made
                    raise
                return wire.faulty(wire.text(said("descriptor", error), "descriptor"))

    return Provider


def settings(descriptor, pairs):
    """The settings by key, as the host completes them: with defaults, and refused by name. An address
    loses the slashes at its end: a path is appended to it."""
    given, found = dict(pairs), {}
    for spec in descriptor.settings:
        if spec.kind == "secret":
            continue  # the host keeps it
        value = given.get(spec.key) or _filled(spec.default, found)
        wrong = _refusal(spec, value) if value else spec.required and "is missing"
        if wrong:
            raise Problem.setting(spec.key, wrong)
        if value:
            found[spec.key] = value.rstrip("/") if spec.kind == "url" else value
    return found


def _filled(template, found):
    """A default with the settings before it; None where one of them is not given."""
    if template is None or not all(key in found for key in _PLACEHOLDER.findall(template)):
        return None
    return _PLACEHOLDER.sub(lambda match: found[match[1]], template)


def _refusal(spec, value):
    """Why `value` is not of the setting's kind."""
    if spec.kind == "url":
        address = parts(value)
        if not address or address[4]:
            return "has to be an address like https://example.com, without ? and #"
    if spec.kind == "choice" and value not in spec.choices:
        return f"has to be one of {', '.join(spec.choices)}"
    if spec.kind == "flag" and value not in ("true", "false"):
        return "has to be true or false"
    return None
