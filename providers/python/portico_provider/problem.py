"""The exceptions of a provider: a constructor for each case of `problem` in provider.wit.

Any other exception becomes `other("internal", ...)`: a fault of the plug-in, not of the cloud.
"""

import json


class Problem(Exception):
    def __init__(self, case, value):
        super().__init__(value if isinstance(value, str) else ": ".join(value))
        self.case = case
        self.value = value

    @property
    def internal(self):
        """Whether it is a fault of the plug-in. The operator is told where it happened."""
        return self.case == "other" and self.value[0] == "internal"

    @classmethod
    def setting(cls, key, why):
        """A setting is invalid: its key, and why."""
        return cls("setting", (key, why))

    @classmethod
    def unexpected(cls, what):
        """The cloud sent something that the plug-in does not understand."""
        return cls("unexpected", what)

    @classmethod
    def refused(cls, code, remedy):
        """The cloud refused: its error code, and what a person can do."""
        return cls("refused", (code, remedy))

    @classmethod
    def challenge(cls, claims):
        """The cloud requires a new sign-in with these claims (a dict, or its JSON)."""
        return cls("challenge", claims if isinstance(claims, str) else json.dumps(claims))

    @classmethod
    def other(cls, code, message):
        return cls("other", (code, message))
