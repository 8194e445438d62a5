"""Exports a class as the provider of a component, and completes its settings."""

import re

from .clock import remove_ambient_inputs
from .fault import IN_COMPONENT, describe
from .problem import Problem
from .text import parts

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")

served = None  # the class of this component, for provider.py


def serve(provider):
    """`Provider = serve(Heroku)`: componentize-py looks for this name in the module of the provider."""
    global served
    if not isinstance(provider, type):
        raise Problem.other("internal", f"serve takes a class, not {type(provider).__name__}")
    served = provider
    remove_ambient_inputs(provider)

    class Provider:
        def describe(self):
            from . import wire  # imported here, because it needs the generated bindings

            try:
                return wire.descriptor(getattr(provider, "descriptor", None))
            except Exception as error:
                if not IN_COMPONENT:  # a test sees the original traceback
                    raise
                return wire.faulty(wire.text(describe("descriptor", error), "descriptor"))

    return Provider


def settings(descriptor, pairs):
    """The settings by key, with defaults, checked as the host does it. Trailing slashes of addresses are
    removed, because providers append paths."""
    given, found = dict(pairs), {}
    for spec in descriptor.settings:
        if spec.kind == "secret":
            continue  # only the host reads it
        value = given.get(spec.key) or _filled(spec.default, found)
        refusal = _refusal(spec, value) if value else spec.required and "is missing"
        if refusal:
            raise Problem.setting(spec.key, refusal)
        if value:
            found[spec.key] = value.rstrip("/") if spec.kind == "url" else value
    return found


def _filled(template, found):
    """A default filled with the settings before it; None if one of them has no value."""
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
