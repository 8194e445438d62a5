"""What a provider raises: the five cases of `problem` in provider.wit, each with its constructor.

Anything else raised becomes `other("internal", ...)`: a fault of the plug-in, not of the cloud.
"""

import json


class Problem(Exception):
    def __init__(self, case, value):
        super().__init__(value if isinstance(value, str) else ": ".join(value))
        self.case = case
        self.value = value

    @property
    def internal(self):
        """Whether the plug-in itself is at fault: the host then says where."""
        return self.case == "other" and self.value[0] == "internal"

    @classmethod
    def setting(cls, key, why):
        """A setting is wrong: which, and why."""
        return cls("setting", (key, why))

    @classmethod
    def unexpected(cls, what):
        """An answer that the plug-in does not understand."""
        return cls("unexpected", what)

    @classmethod
    def refused(cls, code, remedy):
        """The cloud said no: its own code, and what a person can do."""
        return cls("refused", (code, remedy))

    @classmethod
    def challenge(cls, claims):
        """Sign in anew with these claims (a dict, or its JSON)."""
        return cls("challenge", claims if isinstance(claims, str) else json.dumps(claims))

    @classmethod
    def other(cls, code, message):
        return cls("other", (code, message))
