"""The records of provider.wit as dataclasses with defaults. An enum is its name; a case of a variant with a
value is a dict of one: {"header": "x-token"}; `extra`, headers and other pairs are dicts."""

from dataclasses import dataclass, field


@dataclass
class Setting:
    key: str
    label: str
    help: str = ""
    kind: str = "text"  # text, url, choice, flag, or secret, which only the host reads
    choices: list = field(default_factory=list)
    required: bool = False
    default: str | None = None  # may contain "{key}" of a setting before it


@dataclass
class SecretHeader:
    """A header that the host fills with a secret setting."""

    setting: str
    header: str
    prefix: str = ""


@dataclass
class Permission:
    name: str
    why: str
    hosts: list
    paths: list
    principal: str = "signed-in-user"  # application, nobody
    scopes: list = field(default_factory=list)
    methods: list = field(default_factory=lambda: ["get"])
    placement: str | dict = "bearer"  # basic, {"prefix": "token"}, {"header": "x-token"}
    request_headers: list = field(default_factory=list)
    reply_headers: list = field(default_factory=list)
    secret_headers: list = field(default_factory=list)


@dataclass
class Plain:
    """OAuth without an ID token."""

    issuer: str
    authorization: str
    token: str
    end_session: str | None = None


@dataclass
class UserRecord:
    url: str
    permission: str
    member: str | None = None
    headers: dict = field(default_factory=dict)


@dataclass
class SignIn:
    """The sign-in. Texts are templates with "{key}" of settings and "{tenant}"."""

    scopes: list
    openid: str | None = None  # the issuer of an OpenID provider
    plain: Plain | None = None  # instead of `openid`
    default_tenant: str | None = None
    scope_separator: str = "space"  # comma
    parameters: dict = field(default_factory=dict)
    token_encoding: str = "form"  # json-camel-case, json-snake-case
    client_auth: str = "basic"  # post, none
    token_reply: list = field(default_factory=list)
    user_records: list = field(default_factory=list)
    extra: dict = field(default_factory=dict)


@dataclass
class People:
    """JSON Pointers. Of several, the first that finds a text is used."""

    subject: str
    tenant: str | None = None
    display_name: str | list = field(default_factory=list)
    username: str | list = field(default_factory=list)


@dataclass
class Capability:
    name: str
    kind: str
    why: str
    extra: dict = field(default_factory=dict)


@dataclass
class Descriptor:
    id: str
    name: str
    version: str
    account_noun: str
    sign_in: SignIn
    people: People | None = None
    settings: list = field(default_factory=list)
    permissions: list = field(default_factory=list)
    capabilities: list = field(default_factory=list)
    icon: str | None = None
    extra: dict = field(default_factory=dict)


@dataclass
class Person:
    subject: str
    tenant: str
    display_name: str
    username: str | None = None
    token_reply: dict = field(default_factory=dict)
    extra: dict = field(default_factory=dict)


@dataclass
class Tenant:
    id: str
    display_name: str = ""
    state: str = "ok"  # empty, wants-mfa, wants-consent, blocked, unreachable
    reason: str | None = None
    mender: str | None = None  # person, administrator, operator
    repair: str | dict | None = None  # "sign-in", {"claims": ...}, {"link": "https://..."}
    extra: dict = field(default_factory=dict)


@dataclass
class Subscription:
    id: str
    display_name: str = ""
    state: str | None = None
    tenant: str | None = None
    extra: dict = field(default_factory=dict)


@dataclass
class Outcome:
    subscriptions: list = field(default_factory=list)
    tenants: list = field(default_factory=list)
    warnings: list = field(default_factory=list)
    extra: dict = field(default_factory=dict)
