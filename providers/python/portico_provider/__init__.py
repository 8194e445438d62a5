"""What a Portico provider in Python is written with: a class that is data and one generator.

    class Heroku:
        descriptor = Descriptor(id="heroku", sign_in=SignIn(...), permissions=[...], ...)
        def __init__(self, settings): ...
        def discover(self, person):
            reply = yield get(url, permission="read")
            return Outcome(subscriptions=[...], warnings=[...])

    Provider = serve(Heroku)

The host signs people in, as the descriptor declares it; no code of a provider runs then. A provider
never fetches: `yield` hands its requests to the host, which adds the tokens. Nor has it a clock,
randomness, an environment or files: in a component `time.time()`, `random` and `os.environ` fail by
their names; `open` and an import inside a function are traps that nothing can catch. The same inputs
give the same outputs; import at the top of a module.
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
