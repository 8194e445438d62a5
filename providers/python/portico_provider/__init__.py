"""What a Portico provider in Python is written with: one class whose listing is a generator.

    class Heroku:
        descriptor = Descriptor(id="heroku", ...)
        def __init__(self, settings, tenant): ...
        def sign_in(self): return SignIn(openid=issuer, scopes=["openid"])
        def identify(self, claims): return Identity(subject=claims["sub"], ...)
        def discover(self, identity):
            reply = yield get(url, grant="read")
            return Outcome(subscriptions=[...], warnings=[...])

    Provider = serve(Heroku)

A provider computes and never fetches: `yield` hands its requests to the host, which adds the
credentials. Nor has it a clock, randomness or files: in a component `time.time()`, `open` and an
import inside a function are traps that nothing can catch, and `random` gives what it gave in every
login before. The same inputs give the same outputs; import at the top of a module.
"""

from .listing import list_all
from .problem import Problem
from .request import Reply, Request, get, post
from .serving import serve
from .text import clean, host_of, same_origin
from .values import (
    Descriptor, Grant, Identity, Outcome, People, Plain, Setting, SignIn, Subscription, Tenant, UserRecord,
)

__all__ = [
    "Descriptor", "Grant", "Identity", "Outcome", "People", "Plain", "Problem", "Reply", "Request", "Setting",
    "SignIn", "Subscription", "Tenant", "UserRecord", "clean", "get", "host_of", "list_all", "post",
    "same_origin", "serve",
]
