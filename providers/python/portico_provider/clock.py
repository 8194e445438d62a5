"""A provider has no clock, no randomness, no environment and no files: in a component they trap or hold
what they held where it was built, and nothing says so. What asks for them is told so instead."""

import sys
from collections.abc import MutableMapping

from .fault import IN_COMPONENT
from .problem import Problem

_CLOCK = {
    "time": ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "localtime", "gmtime", "sleep"),
}
_RANDOMNESS = {
    "random": (
        "random", "randint", "randrange", "choice", "choices", "shuffle", "sample", "uniform", "getrandbits",
        "randbytes", "seed", "SystemRandom",
    ),
    "secrets": ("token_bytes", "token_hex", "token_urlsafe", "choice", "randbelow", "randbits"),
    "uuid": ("uuid1", "uuid4"),
    "os": ("urandom", "getrandom"),
}


def absent(what, has):
    def call(*_, **__):
        raise Problem.other("internal", f"{what}: a provider has no {has}; the same inputs have to give the same outputs")

    return call


class _NoEnvironment(MutableMapping):
    """In place of `os.environ`, which would be that of whoever built the component. The runtime writes
    into it where a component starts; what a provider asks it for fails."""

    def _none(self, *_, **__):
        absent("os.environ", "environment; ask for a setting")()

    __getitem__ = __contains__ = get = _none

    def __setitem__(self, *_):
        pass

    __delitem__ = __setitem__

    def __iter__(self):
        return iter(())

    def __len__(self):
        return 0


def take_away(served):
    """Has the modules that are loaded, and what the module of the class `served` has imported from them,
    fail by name. Only in a component: under Python, where a provider is tested, they stay."""
    if IN_COMPONENT:
        replace(sys.modules, vars(sys.modules[served.__module__]))


def replace(modules, names):
    taken = {}
    for found, has in ((_CLOCK, "clock"), (_RANDOMNESS, "randomness")):
        for module, functions in found.items():
            for function in functions:
                real = getattr(modules.get(module), function, None)
                if real is not None:
                    taken[id(real)] = absent(f"{module}.{function}()", has)
                    setattr(modules[module], function, taken[id(real)])
    if "os" in modules:
        taken[id(modules["os"].environ)] = taken[id(modules["os"].getenv)] = none = _NoEnvironment()
        modules["os"].environ = none
        taken[id(modules["os"].getenv)] = modules["os"].getenv = absent("os.getenv()", "environment; ask for a setting")
    if "datetime" in modules:
        _without_now(modules["datetime"], taken)
    for name, value in list(names.items()):
        if id(value) in taken:
            names[name] = taken[id(value)]


def _without_now(module, taken):
    """`datetime.now` is of a type that cannot be changed: a type of its own takes its place."""
    for kind, calls in (("datetime", ("now", "utcnow", "today")), ("date", ("today",))):
        real = getattr(module, kind)
        members = {call: staticmethod(absent(f"{kind}.{call}()", "clock")) for call in calls}
        taken[id(real)] = type(kind, (real,), members)
        setattr(module, kind, taken[id(real)])
