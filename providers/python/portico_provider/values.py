"""What a provider says, as plain values with defaults: the records of provider.wit, `extra` and
headers as dicts, and the two variants as fields of which one is set."""

from dataclasses import dataclass, field


@dataclass
class Setting:
    key: str
    label: str
    help: str = ""
    kind: str = "text"  # text, url, choice, flag
    choices: list = field(default_factory=list)
    required: bool = False
    default: str | None = None


@dataclass
class Grant:
    name: str
    why: str
    hosts: list
    paths: list
    principal: str = "signed-in-user"  # or "application"
    scopes: list = field(default_factory=list)
    methods: list = field(default_factory=lambda: ["get"])
    header: str | None = None  # carries the token; None: a bearer token


@dataclass
class People:
    subject: str
    tenant: str | None = None


@dataclass
class Descriptor:
    id: str
    name: str
    version: str
    account_noun: str
    icon: str | None = None
    people: People | None = None
    settings: list = field(default_factory=list)
    grants: list = field(default_factory=list)
    extra: dict = field(default_factory=dict)


@dataclass
class UserRecord:
    url: str
    grant: str
    headers: dict = field(default_factory=dict)


@dataclass
class Plain:
    """OAuth without an ID token."""

    issuer: str
    authorization: str
    token: str
    end_session: str | None = None
    user_record: UserRecord | None = None


@dataclass
class SignIn:
    scopes: list
    openid: str | None = None  # the issuer; or
    plain: Plain | None = None
    tenant_claim: str | None = None
    parameters: dict = field(default_factory=dict)
    token_encoding: str = "form"  # or "json-camel-case"
    client_auth: str = "basic"  # basic, post, none
    extra: dict = field(default_factory=dict)


@dataclass
class Identity:
    subject: str
    tenant: str
    display_name: str
    username: str | None = None
    extra: dict = field(default_factory=dict)


@dataclass
class Tenant:
    id: str
    display_name: str
    state: str = "ok"  # ok, empty, wants-mfa, wants-consent, blocked, unreachable
    reason: str | None = None
    challenge: str | None = None
    extra: dict = field(default_factory=dict)


@dataclass
class Subscription:
    id: str
    display_name: str
    state: str | None = None
    tenant: str | None = None
    extra: dict = field(default_factory=dict)


@dataclass
class Outcome:
    subscriptions: list = field(default_factory=list)
    tenants: list = field(default_factory=list)
    warnings: list = field(default_factory=list)
    extra: dict = field(default_factory=dict)
