"""Replaces clocks, randomness and the environment by functions that fail with their name. A provider has
none of them: in a component they would trap without a message, or keep the values of the build."""

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
    """Replaces `os.environ`, which would be that of the build. Writing does nothing, because the runtime
    writes when a component starts; reading fails."""

    def _fail(self, *_, **__):
        absent("os.environ", "environment; ask for a setting")()

    __getitem__ = __contains__ = get = _fail

    def __setitem__(self, *_):
        pass

    __delitem__ = __setitem__

    def __iter__(self):
        return iter(())

    def __len__(self):
        return 0


def remove_ambient_inputs(served):
    """Replaces them in the loaded modules, and in the module of the class `served`, which may have imported
    them. Only in a component: tests of a provider run with the real ones."""
    if IN_COMPONENT:
        replace(sys.modules, vars(sys.modules[served.__module__]))


def replace(modules, names):
    """Replaces functions in `modules`, and in `names` every reference to one of them."""
    replaced = {}  # replacements by id of the original
    for found, has in ((_CLOCK, "clock"), (_RANDOMNESS, "randomness")):
        for module, functions in found.items():
            for function in functions:
                real = getattr(modules.get(module), function, None)
                if real is not None:
                    replaced[id(real)] = absent(f"{module}.{function}()", has)
                    setattr(modules[module], function, replaced[id(real)])
    if "os" in modules:
        replaced[id(modules["os"].environ)] = replaced[id(modules["os"].getenv)] = none = _NoEnvironment()
        modules["os"].environ = none
        replaced[id(modules["os"].getenv)] = modules["os"].getenv = absent("os.getenv()", "environment; ask for a setting")
    if "datetime" in modules:
        _replace_now(modules["datetime"], replaced)
    for name, value in list(names.items()):
        if id(value) in replaced:
            names[name] = replaced[id(value)]


def _replace_now(module, replaced):
    """Replaces the types `datetime` and `date` by subtypes, because their methods cannot be changed."""
    for kind, calls in (("datetime", ("now", "utcnow", "today")), ("date", ("today",))):
        real = getattr(module, kind)
        members = {call: staticmethod(absent(f"{kind}.{call}()", "clock")) for call in calls}
        replaced[id(real)] = type(kind, (real,), members)
        setattr(module, kind, replaced[id(real)])
