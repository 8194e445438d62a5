"""The SDK for Portico providers in Python. A provider is a class with a descriptor and one generator.

    class Heroku:
        descriptor = Descriptor(id="heroku", sign_in=SignIn(...), permissions=[...], ...)
        def __init__(self, settings): ...
        def discover(self, person):
            reply = yield get(url, permission="read")
            return Outcome(subscriptions=[...], warnings=[...])

    Provider = serve(Heroku)

The host signs people in by the descriptor; no code of a provider runs then. A provider yields requests,
and the host adds the tokens and sends them. The same inputs must give the same outputs, so a provider has
no clock, randomness, environment or files: in a component `time.time()`, `random` and `os.environ` fail
with their name, and `open` traps. An import inside a function traps too: import at the top of a module.
"""

from .listing import list_all
from .problem import Problem
from .request import Reply, Request, get, post, wait
from .serving import serve
from .text import clean, same_origin
from .values import (
    Capability, Descriptor, Outcome, People, Permission, Person, Plain, SecretHeader, Setting, SignIn,
    Subscription, Tenant, UserRecord,
)

__all__ = [
    "Capability", "Descriptor", "Outcome", "People", "Permission", "Person", "Plain", "Problem", "Reply",
    "Request", "SecretHeader", "Setting", "SignIn", "Subscription", "Tenant", "UserRecord", "clean", "get",
    "list_all", "post", "same_origin", "serve", "wait",
]
