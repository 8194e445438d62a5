"""The resources of provider.wit. componentize-py looks for them in a module named like the
interface; the class they serve is the one given to `serve`."""

from componentize_py_types import Err

from portico_provider import Problem, Request, serving, wire
from portico_provider.fault import said
from portico_provider.request import Wait


def guarded(where, call):
    """Runs one call from the host; what it raises is what provider.wit calls a problem."""
    try:
        return call()
    except Exception as error:
        own = isinstance(error, Problem) and not error.internal
        raise Err(wire.problem(error if own else Problem.other("internal", said(where, error)))) from None


class Configured:
    def __init__(self, provider):
        self.provider = provider

    @classmethod
    def create(cls, settings):
        def made():
            provider = serving.served
            if provider is None:
                raise Problem.other("internal", "no class is served: Provider = serve(YourClass)")
            return cls(provider(serving.settings(provider.descriptor, settings)))

        return guarded("__init__", made)

    def discover(self, person):
        def begun():
            permissions = {each.name: each for each in self.provider.descriptor.permissions}
            return Discovery(self.provider.discover(wire.person_from(person)), permissions)

        return guarded("discover", begun)


class Discovery:
    """A generator, advanced by the host: each `yield` is a step, each step's responses its value."""

    def __init__(self, steps, permissions):
        if not hasattr(steps, "send"):
            raise Problem.other("internal", "discover has to be a generator: it yields its requests")
        self.steps = steps
        self.permissions = permissions  # by name
        self.last_id = 0
        self.pending = None  # the requests of the last step by id
        self.one = False  # whether it yielded one and not a list

    def next(self, responses):
        return guarded("discover", lambda: self.advance(responses))

    def advance(self, responses):
        replies = None if self.pending is None else self.replies(responses)
        while True:
            try:
                yielded = self.steps.send(replies)
            except StopIteration as end:
                return wire.done(end.value)
            waits = isinstance(yielded, Wait)
            self.number(yielded.requests if waits else yielded)
            if self.pending:
                return self.wish(yielded.seconds if waits else 0)
            replies = []  # `yield []` asks for nothing and need not go to the host

    def number(self, asked):
        self.one = not isinstance(asked, list)
        self.pending = {}
        for each in [asked] if self.one else asked:
            if not isinstance(each, Request):
                raise Problem.other("internal", "discover may yield requests only: get(...), post(...), a list of them, or wait(seconds, ...)")
            self.last_id += 1
            self.pending[self.last_id] = each

    def wish(self, seconds):
        wishes = [wire.request(each, number, self.permission(each)) for number, each in self.pending.items()]
        return wire.fetch(wishes, seconds, "; ".join(each.note for each in self.pending.values() if each.note))

    def permission(self, request):
        return self.permissions.get(request.permission)

    def replies(self, responses):
        """In the order of the requests, whichever the host answered first."""
        outcomes = {each.id: each.outcome for each in responses}
        for number in self.pending:
            if number not in outcomes:
                raise Problem.unexpected(f"the host left request {number} without a response")
        replies = [
            wire.reply(asked, outcomes[number], self.permission(asked)) for number, asked in self.pending.items()
        ]
        return replies[0] if self.one else replies
