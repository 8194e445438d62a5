"""Converts values of a provider to the records that componentize-py generates from provider.wit, and back.
A value of another type is refused with the name of its field."""

import json
import re

from wit_world.exports import provider as wit

from .problem import Problem
from .request import Refusal, Reply, may_send
from .values import (
    Capability, Descriptor, Outcome, People, Permission, Person, Plain, SecretHeader, Setting, SignIn,
    Subscription, Tenant, UserRecord,
)

_SURROGATES = re.compile("[\ud800-\udfff]")
_PROBLEMS = {
    "setting": wit.Problem_Setting, "unexpected": wit.Problem_Unexpected, "refused": wit.Problem_Refused,
    "challenge": wit.Problem_Challenge, "other": wit.Problem_Other,
}


def fail(what):
    raise Problem.other("internal", what)


def text(value, where):
    """Text with unpaired surrogates replaced, because they cannot be encoded in UTF-8."""
    if not isinstance(value, str):
        fail(f"{where} has to be text, not {type(value).__name__}")
    return _SURROGATES.sub("\ufffd", value)


def texts(values, where):
    return each(values, where, text)


def each(values, where, convert):
    """The converted items of a list. The name of an item is its index."""
    if not isinstance(values, (list, tuple)):
        fail(f"{where} has to be a list, not {type(values).__name__}")
    return [convert(value, f"{where}[{at}]") for at, value in enumerate(values)]


def instance(kind, value, where):
    """The value, if it is of this class: access to a field of another one would fail with another message."""
    return value if isinstance(value, kind) else fail(f"{where} has to be a {kind.__name__}, not {type(value).__name__}")


def boolean(value, where):
    return value if isinstance(value, bool) else fail(f"{where} has to be True or False, not {type(value).__name__}")


def one_or_more(values, where):
    return texts([values] if isinstance(values, str) else values, where)


def optional(value, where):
    return None if value is None else text(value, where)


def pairs(values, where):
    if not isinstance(values, dict):
        fail(f"{where} has to be a dict, not {type(values).__name__}")
    return [(text(key, where), text(value, f"{where}.{key}")) for key, value in values.items()]


def enum(kind, name, where):
    """The member with this name in provider.wit."""
    members = {each.name.lower().replace("_", "-"): each for each in kind}
    return members[name] if name in members else fail(f"{where} has to be one of {', '.join(members)}, not {name}")


def variant(value, where, plain, valued):
    """A case without a value, such as "bearer", or with one, such as {"header": "x-token"}."""
    if isinstance(value, str) and value in plain:
        return plain[value]()
    if isinstance(value, dict) and len(value) == 1:
        [(case, inner)] = value.items()
        if case in valued:
            return valued[case](text(inner, f"{where}.{case}"))
    cases = [*plain, *(f"{{{case}: ...}}" for case in valued)]
    fail(f"{where} has to be one of {', '.join(cases)}, not {value}")


def descriptor(value):
    instance(Descriptor, value, "`descriptor` of the class")
    return wit.Descriptor(
        id=text(value.id, "id"), name=text(value.name, "name"), version=text(value.version, "version"),
        icon=optional(value.icon, "icon"), account_noun=text(value.account_noun, "account_noun"),
        settings=each(value.settings, "settings", setting),
        sign_in=sign_in(value.sign_in),
        people=None if value.people is None else people(value.people),
        permissions=each(value.permissions, "permissions", permission),
        capabilities=each(value.capabilities, "capabilities", capability),
        extra=pairs(value.extra, "extra"),
    )


def faulty(what):
    """A descriptor that reports a fault of the real one, because `describe` in provider.wit cannot fail. The
    host reads nothing else of it."""
    return wit.Descriptor(
        id="faulty", name="", version="0.0.0", icon=None, account_noun="", settings=[],
        sign_in=sign_in(SignIn(scopes=[], openid="")), people=None, permissions=[], capabilities=[],
        extra=[("portico-fault", what)],
    )


def setting(value, at):
    instance(Setting, value, at)
    where = f"setting {value.key}"
    kind = enum(wit.FieldKind, value.kind, f"{where}: kind")
    return wit.SettingSpec(
        text(value.key, f"{at}.key"), text(value.label, f"{where}: label"), text(value.help, f"{where}: help"), kind,
        texts(value.choices, f"{where}: choices"), boolean(value.required, f"{where}: required"),
        optional(value.default, f"{where}: default"),
    )


def sign_in(value):
    instance(SignIn, value, "sign_in")
    return wit.SignIn(
        endpoints=wit.Endpoints_Openid(text(value.openid, "openid")) if value.plain is None else plain(value.plain),
        default_tenant=optional(value.default_tenant, "default_tenant"), scopes=texts(value.scopes, "scopes"),
        scope_separator=enum(wit.ScopeSeparator, value.scope_separator, "scope_separator"),
        parameters=pairs(value.parameters, "parameters"),
        token_encoding=enum(wit.TokenEncoding, value.token_encoding, "token_encoding"),
        client_auth=enum(wit.ClientAuth, value.client_auth, "client_auth"),
        token_reply=texts(value.token_reply, "token_reply"),
        user_records=each(value.user_records, "user_records", user_record),
        extra=pairs(value.extra, "extra"),
    )


def plain(value):
    instance(Plain, value, "plain")
    return wit.Endpoints_Plain(wit.PlainEndpoints(
        text(value.issuer, "plain.issuer"), text(value.authorization, "plain.authorization"),
        text(value.token, "plain.token"), optional(value.end_session, "plain.end_session"),
    ))


def user_record(value, at):
    instance(UserRecord, value, at)
    return wit.UserRecord(
        optional(value.member, f"{at}.member"), text(value.url, f"{at}.url"), pairs(value.headers, "headers"),
        text(value.permission, f"{at}.permission"),
    )


def people(value):
    instance(People, value, "people")
    return wit.People(
        subject=text(value.subject, "people.subject"), tenant=optional(value.tenant, "people.tenant"),
        display_name=one_or_more(value.display_name, "people.display_name"),
        username=one_or_more(value.username, "people.username"),
    )


def permission(value, at):
    instance(Permission, value, at)
    where = f"permission {value.name}"
    return wit.Permission(
        name=text(value.name, f"{at}.name"), why=text(value.why, f"{where}: why"),
        principal=enum(wit.Principal, value.principal, f"{where}: principal"),
        scopes=texts(value.scopes, f"{where}: scopes"), hosts=texts(value.hosts, f"{where}: hosts"),
        paths=texts(value.paths, f"{where}: paths"),
        methods=each(value.methods, f"{where}: methods", lambda it, _: enum(wit.Method, it, f"{where}: methods")),
        placement=variant(
            value.placement, f"{where}: placement",
            {"bearer": wit.Placement_Bearer, "basic": wit.Placement_Basic},
            {"prefix": wit.Placement_Prefix, "header": wit.Placement_Header},
        ),
        request_headers=texts(value.request_headers, f"{where}: request_headers"),
        reply_headers=texts(value.reply_headers, f"{where}: reply_headers"),
        secret_headers=each(value.secret_headers, f"{where}: secret_headers", secret_header),
    )


def secret_header(value, at):
    instance(SecretHeader, value, at)
    return wit.SecretHeader(text(value.setting, f"{at}.setting"), text(value.header, f"{at}.header"), text(value.prefix, f"{at}.prefix"))


def capability(value, at):
    instance(Capability, value, at)
    return wit.Capability(
        text(value.name, f"{at}.name"), text(value.kind, f"{at}.kind"), text(value.why, f"{at}.why"),
        pairs(value.extra, "capability.extra"),
    )


def person_from(given):
    return Person(
        given.subject, given.tenant, given.display_name, given.username, dict(given.token_reply),
        dict(given.extra),
    )


def request(value, number, declared):
    """`declared` is the permission in the descriptor that the request names."""
    if value.permission and not declared:
        fail(f"the descriptor has no permission {value.permission}")
    for header in value.headers:
        if not may_send(header.lower(), declared):
            where = f"the permission {declared.name}" if declared else "a permission for this request"
            fail(f"the host does not send the header {header}; name it in request_headers of {where}")
    credential = declared and wit.Credential(declared.name, optional(value.tenant, "tenant"))
    return wit.Request(
        id=number, method=enum(wit.Method, value.method, "method"), url=text(value.url, "url"),
        headers=pairs(value.headers, "headers"), body=optional(value.body, "body"), credential=credential,
    )


def reply(asked, outcome, declared):
    """`outcome` is `Ok(reply)` or `Err(fetch-error)`, both with a `value`."""
    value = outcome.value
    if isinstance(value, wit.FetchError):
        return Reply(asked, error=value.name.lower().replace("_", "-"), permission=declared)
    if value.status == 0:  # the refusal of a token; no cloud can send this status
        return Reply(asked, error="token-refused", permission=declared, refusal=Refusal.parse(value.body))
    return Reply(asked, status=value.status, headers=value.headers, text=value.body, permission=declared)


def fetch(requests, seconds, note):
    return wit.Step_Fetch(wit.Wish(requests, seconds, text(note, "note") or None))


def done(value):
    if not isinstance(value, Outcome):
        fail("discover has to return an Outcome")
    return wit.Step_Done(wit.Outcome(
        tenants=each(value.tenants, "tenants", tenant),
        subscriptions=each(value.subscriptions, "subscriptions", subscription),
        warnings=texts(value.warnings, "warnings"),
        extra=pairs(value.extra, "extra"),
    ))


def tenant(value, at):
    instance(Tenant, value, at)
    return wit.Tenant(
        id=text(value.id, "tenant.id"), display_name=text(value.display_name or value.id, "tenant.display_name"),
        state=enum(wit.TenantState, value.state, "tenant.state"), reason=optional(value.reason, "tenant.reason"),
        mender=enum(wit.Mender, value.mender, "tenant.mender") if value.mender else None,
        repair=None if value.repair is None else repair(value.repair),
        extra=pairs(value.extra, "tenant.extra"),
    )


def repair(value):
    if isinstance(value, dict) and not isinstance(value.get("claims", ""), str):
        value = {"claims": json.dumps(value["claims"])}
    valued = {"claims": wit.Repair_Claims, "link": wit.Repair_Link}
    return variant(value, "tenant.repair", {"sign-in": wit.Repair_SignIn}, valued)


def subscription(value, at):
    instance(Subscription, value, at)
    return wit.Subscription(
        id=text(value.id, "subscription.id"),
        display_name=text(value.display_name or value.id, "subscription.display_name"),
        state=optional(value.state, "subscription.state"), tenant=optional(value.tenant, "subscription.tenant"),
        extra=pairs(value.extra, "subscription.extra"),
    )


def problem(error):
    case, value = error.case, error.value
    safe = text(value, case) if isinstance(value, str) else tuple(texts(value, case))
    return _PROBLEMS[case](safe)
