"""The resources of provider.wit. componentize-py looks for them in a module named like the
interface; the class they serve is the one given to `serve`."""

from componentize_py_types import Err

from portico_provider import Problem, Request, serving, wire


def guarded(call):
    """Runs one call from the host; what it raises is what provider.wit calls a problem."""
    try:
        return call()
    except Problem as problem:
        raise Err(wire.problem(problem)) from None
    except Exception as error:
        raise Err(wire.problem(Problem.other("internal", f"{type(error).__name__}: {error}"))) from None


class Configured:
    def __init__(self, provider):
        self.provider = provider

    @classmethod
    def create(cls, settings, tenant):
        def made():
            provider = serving.served
            return cls(provider(serving.settings(provider.descriptor, settings), tenant))

        return guarded(made)

    def sign_in(self):
        return wire.sign_in(self.provider.sign_in())

    def identify(self, claims):
        return guarded(lambda: wire.identity(self.provider.identify(serving.parse_claims(claims))))

    def discover(self, identity):
        return guarded(lambda: Discovery(self.provider.discover(wire.identity_from(identity))))


class Discovery:
    """A generator, advanced by the host: each `yield` is a step, each step's responses its value."""

    def __init__(self, steps):
        if not hasattr(steps, "send"):
            raise Problem.other("internal", "discover has to be a generator: it yields its requests")
        self.steps = steps
        self.last_id = 0
        self.waiting = None  # the requests of the last step by id
        self.one = False  # whether it yielded one and not a list

    def next(self, responses):
        return guarded(lambda: self.advance(responses))

    def advance(self, responses):
        answer = None if self.waiting is None else self.answers(responses)
        while True:
            try:
                yielded = self.steps.send(answer)
            except StopIteration as end:
                return wire.done(end.value)
            self.wait(yielded)
            if self.waiting:
                return wire.fetch(self.waiting)
            answer = []  # `yield []` asks for nothing and need not go to the host

    def wait(self, yielded):
        self.one = not isinstance(yielded, list)
        self.waiting = {}
        for each in [yielded] if self.one else yielded:
            if not isinstance(each, Request):
                raise Problem.other("internal", "discover may yield requests only: get(...), post(...) or a list")
            self.last_id += 1
            self.waiting[self.last_id] = each

    def answers(self, responses):
        """In the order of the requests, whichever the host answered first."""
        outcomes = {each.id: each.outcome for each in responses}
        for number in self.waiting:
            if number not in outcomes:
                raise Problem.unexpected(f"the host left request {number} without a response")
        replies = [wire.reply(asked, outcomes[number]) for number, asked in self.waiting.items()]
        return replies[0] if self.one else replies
