"""The resources of provider.wit, for the class given to `serve`. componentize-py looks for them in a
module with the name of the interface."""

from componentize_py_types import Err

from portico_provider import Problem, Request, serving, wire
from portico_provider.fault import describe
from portico_provider.request import Wait


def guarded(where, call):
    """Runs a call of the host. Any exception becomes a `problem` of provider.wit."""
    try:
        return call()
    except Exception as error:
        is_problem = isinstance(error, Problem) and not error.internal
        raise Err(wire.problem(error if is_problem else Problem.other("internal", describe(where, error)))) from None


class Configured:
    def __init__(self, provider):
        self.provider = provider

    @classmethod
    def create(cls, settings):
        def create():
            provider = serving.served
            if provider is None:
                raise Problem.other("internal", "no class is served: Provider = serve(YourClass)")
            return cls(provider(serving.settings(provider.descriptor, settings)))

        return guarded("__init__", create)

    def discover(self, person):
        def start():
            permissions = {each.name: each for each in self.provider.descriptor.permissions}
            return Discovery(self.provider.discover(wire.person_from(person)), permissions)

        return guarded("discover", start)


class Discovery:
    """Advances a generator for the host: it yields the requests of a step and receives their responses."""

    def __init__(self, steps, permissions):
        if not hasattr(steps, "send"):
            raise Problem.other("internal", "discover has to be a generator: it yields its requests")
        self.steps = steps
        self.permissions = permissions  # by name
        self.last_id = 0
        self.pending = None  # the requests of the last step, by id
        self.is_single = False  # whether it yielded one request and not a list

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
            self.assign_ids(yielded.requests if waits else yielded)
            if self.pending:
                return self.fetch_step(yielded.seconds if waits else 0)
            replies = []  # the host need not be called for `yield []`

    def assign_ids(self, requests):
        self.is_single = not isinstance(requests, list)
        self.pending = {}
        for each in [requests] if self.is_single else requests:
            if not isinstance(each, Request):
                raise Problem.other("internal", "discover may yield requests only: get(...), post(...), a list of them, or wait(seconds, ...)")
            self.last_id += 1
            self.pending[self.last_id] = each

    def fetch_step(self, seconds):
        requests = [wire.request(each, id, self.permission(each)) for id, each in self.pending.items()]
        return wire.fetch(requests, seconds, "; ".join(each.note for each in self.pending.values() if each.note))

    def permission(self, request):
        return self.permissions.get(request.permission)

    def replies(self, responses):
        """The replies in the order of the requests."""
        outcomes = {each.id: each.outcome for each in responses}
        for id in self.pending:
            if id not in outcomes:
                raise Problem.unexpected(f"the host left request {id} without a response")
        replies = [
            wire.reply(request, outcomes[id], self.permission(request)) for id, request in self.pending.items()
        ]
        return replies[0] if self.is_single else replies
