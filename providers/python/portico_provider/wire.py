"""Plain values into the records that componentize-py generates from provider.wit, and back."""

import json
import re

from wit_world.exports import provider as wit

from .problem import Problem
from .request import Reply, may_send
from .values import (
    Capability, Descriptor, Outcome, People, Permission, Person, Plain, SecretHeader, Setting, SignIn,
    Subscription, Tenant, UserRecord,
)

_HALVES = re.compile("[\ud800-\udfff]")
_PROBLEMS = {
    "setting": wit.Problem_Setting, "unexpected": wit.Problem_Unexpected, "refused": wit.Problem_Refused,
    "challenge": wit.Problem_Challenge, "other": wit.Problem_Other,
}


def fail(what):
    raise Problem.other("internal", what)


def text(value, where):
    """Text as a component can hand it over: half a surrogate pair has no UTF-8."""
    if not isinstance(value, str):
        fail(f"{where} has to be text, not {type(value).__name__}")
    return _HALVES.sub("\ufffd", value)


def texts(values, where):
    return each(values, where, text)


def each(values, where, convert):
    """Each of a list, converted with its place in the list as its name."""
    if not isinstance(values, (list, tuple)):
        fail(f"{where} has to be a list, not {type(values).__name__}")
    return [convert(value, f"{where}[{at}]") for at, value in enumerate(values)]


def a(kind, value, where):
    """A value of this class: a field of anything else would fail by a name that is not its writer's."""
    return value if isinstance(value, kind) else fail(f"{where} has to be a {kind.__name__}, not {type(value).__name__}")


def truth(value, where):
    return value if isinstance(value, bool) else fail(f"{where} has to be True or False, not {type(value).__name__}")


def one_or_more(values, where):
    return texts([values] if isinstance(values, str) else values, where)


def maybe(value, where):
    return None if value is None else text(value, where)


def pairs(values, where):
    if not isinstance(values, dict):
        fail(f"{where} has to be a dict, not {type(values).__name__}")
    return [(text(key, where), text(value, f"{where}.{key}")) for key, value in values.items()]


def enum(kind, word, where):
    """The member that provider.wit spells like this."""
    words = {each.name.lower().replace("_", "-"): each for each in kind}
    return words[word] if word in words else fail(f"{where} has to be one of {', '.join(words)}, not {word}")


def variant(value, where, plain, valued):
    """`"bearer"`, or {"header": "x-token"}: a case without a value, or with one."""
    if isinstance(value, str) and value in plain:
        return plain[value]()
    if isinstance(value, dict) and len(value) == 1:
        [(case, held)] = value.items()
        if case in valued:
            return valued[case](text(held, f"{where}.{case}"))
    words = [*plain, *(f"{{{case}: ...}}" for case in valued)]
    fail(f"{where} has to be one of {', '.join(words)}, not {value}")


def descriptor(said):
    a(Descriptor, said, "`descriptor` of the class")
    return wit.Descriptor(
        id=text(said.id, "id"), name=text(said.name, "name"), version=text(said.version, "version"),
        icon=maybe(said.icon, "icon"), account_noun=text(said.account_noun, "account_noun"),
        settings=each(said.settings, "settings", setting),
        sign_in=sign_in(said.sign_in),
        people=None if said.people is None else people(said.people),
        permissions=each(said.permissions, "permissions", permission),
        capabilities=each(said.capabilities, "capabilities", capability),
        extra=pairs(said.extra, "extra"),
    )


def faulty(what):
    """A descriptor of nothing: `what` is wrong with the real one. The host reads that and nothing else
    of it (`describe` in provider.wit cannot fail)."""
    return wit.Descriptor(
        id="faulty", name="", version="0.0.0", icon=None, account_noun="", settings=[],
        sign_in=sign_in(SignIn(scopes=[], openid="")), people=None, permissions=[], capabilities=[],
        extra=[("portico-fault", what)],
    )


def setting(said, at):
    a(Setting, said, at)
    where = f"setting {said.key}"
    kind = enum(wit.FieldKind, said.kind, f"{where}: kind")
    return wit.SettingSpec(
        text(said.key, f"{at}.key"), text(said.label, f"{where}: label"), text(said.help, f"{where}: help"), kind,
        texts(said.choices, f"{where}: choices"), truth(said.required, f"{where}: required"),
        maybe(said.default, f"{where}: default"),
    )


def sign_in(said):
    a(SignIn, said, "sign_in")
    return wit.SignIn(
        endpoints=wit.Endpoints_Openid(text(said.openid, "openid")) if said.plain is None else plain(said.plain),
        default_tenant=maybe(said.default_tenant, "default_tenant"), scopes=texts(said.scopes, "scopes"),
        scope_separator=enum(wit.ScopeSeparator, said.scope_separator, "scope_separator"),
        parameters=pairs(said.parameters, "parameters"),
        token_encoding=enum(wit.TokenEncoding, said.token_encoding, "token_encoding"),
        client_auth=enum(wit.ClientAuth, said.client_auth, "client_auth"),
        token_reply=texts(said.token_reply, "token_reply"),
        user_records=each(said.user_records, "user_records", user_record),
        extra=pairs(said.extra, "extra"),
    )


def plain(said):
    a(Plain, said, "plain")
    return wit.Endpoints_Plain(wit.PlainEndpoints(
        text(said.issuer, "plain.issuer"), text(said.authorization, "plain.authorization"),
        text(said.token, "plain.token"), maybe(said.end_session, "plain.end_session"),
    ))


def user_record(said, at):
    a(UserRecord, said, at)
    return wit.UserRecord(
        maybe(said.member, f"{at}.member"), text(said.url, f"{at}.url"), pairs(said.headers, "headers"),
        text(said.permission, f"{at}.permission"),
    )


def people(said):
    a(People, said, "people")
    return wit.People(
        subject=text(said.subject, "people.subject"), tenant=maybe(said.tenant, "people.tenant"),
        display_name=one_or_more(said.display_name, "people.display_name"),
        username=one_or_more(said.username, "people.username"),
    )


def permission(said, at):
    a(Permission, said, at)
    where = f"permission {said.name}"
    return wit.Permission(
        name=text(said.name, f"{at}.name"), why=text(said.why, f"{where}: why"),
        principal=enum(wit.Principal, said.principal, f"{where}: principal"),
        scopes=texts(said.scopes, f"{where}: scopes"), hosts=texts(said.hosts, f"{where}: hosts"),
        paths=texts(said.paths, f"{where}: paths"),
        methods=each(said.methods, f"{where}: methods", lambda it, _: enum(wit.Method, it, f"{where}: methods")),
        placement=variant(
            said.placement, f"{where}: placement",
            {"bearer": wit.Placement_Bearer, "basic": wit.Placement_Basic},
            {"prefix": wit.Placement_Prefix, "header": wit.Placement_Header},
        ),
        request_headers=texts(said.request_headers, f"{where}: request_headers"),
        reply_headers=texts(said.reply_headers, f"{where}: reply_headers"),
        secret_headers=each(said.secret_headers, f"{where}: secret_headers", secret_header),
    )


def secret_header(said, at):
    a(SecretHeader, said, at)
    return wit.SecretHeader(text(said.setting, f"{at}.setting"), text(said.header, f"{at}.header"), text(said.prefix, f"{at}.prefix"))


def capability(said, at):
    a(Capability, said, at)
    return wit.Capability(
        text(said.name, f"{at}.name"), text(said.kind, f"{at}.kind"), text(said.why, f"{at}.why"),
        pairs(said.extra, "capability.extra"),
    )


def person_from(given):
    return Person(
        given.subject, given.tenant, given.display_name, given.username, dict(given.token_reply),
        dict(given.extra),
    )


def request(said, number, declared):
    """`declared` is the permission of this name in the descriptor."""
    if said.permission and not declared:
        fail(f"the descriptor has no permission {said.permission}")
    for header in said.headers:
        if not may_send(header.lower(), declared):
            where = f"the permission {declared.name}" if declared else "a permission for this request"
            fail(f"the host does not send the header {header}; name it in request_headers of {where}")
    credential = declared and wit.Credential(declared.name, maybe(said.tenant, "tenant"))
    return wit.Request(
        id=number, method=enum(wit.Method, said.method, "method"), url=text(said.url, "url"),
        headers=pairs(said.headers, "headers"), body=maybe(said.body, "body"), credential=credential,
    )


def reply(asked, outcome, declared):
    """The host's outcome: `Ok(reply)` or `Err(fetch-error)`, both with a `value`."""
    got = outcome.value
    if isinstance(got, wit.FetchError):
        return Reply(asked, error=got.name.lower().replace("_", "-"), permission=declared)
    return Reply(asked, status=got.status, headers=got.headers, text=got.body, permission=declared)


def fetch(requests, seconds, note):
    return wit.Step_Fetch(wit.Wish(requests, seconds, text(note, "note") or None))


def done(said):
    if not isinstance(said, Outcome):
        fail("discover has to return an Outcome")
    return wit.Step_Done(wit.Outcome(
        tenants=each(said.tenants, "tenants", tenant),
        subscriptions=each(said.subscriptions, "subscriptions", subscription),
        warnings=texts(said.warnings, "warnings"),
        extra=pairs(said.extra, "extra"),
    ))


def tenant(said, at):
    a(Tenant, said, at)
    return wit.Tenant(
        id=text(said.id, "tenant.id"), display_name=text(said.display_name or said.id, "tenant.display_name"),
        state=enum(wit.TenantState, said.state, "tenant.state"), reason=maybe(said.reason, "tenant.reason"),
        mender=enum(wit.Mender, said.mender, "tenant.mender") if said.mender else None,
        repair=None if said.repair is None else repair(said.repair),
        extra=pairs(said.extra, "tenant.extra"),
    )


def repair(said):
    if isinstance(said, dict) and not isinstance(said.get("claims", ""), str):
        said = {"claims": json.dumps(said["claims"])}
    valued = {"claims": wit.Repair_Claims, "link": wit.Repair_Link}
    return variant(said, "tenant.repair", {"sign-in": wit.Repair_SignIn}, valued)


def subscription(said, at):
    a(Subscription, said, at)
    return wit.Subscription(
        id=text(said.id, "subscription.id"),
        display_name=text(said.display_name or said.id, "subscription.display_name"),
        state=maybe(said.state, "subscription.state"), tenant=maybe(said.tenant, "subscription.tenant"),
        extra=pairs(said.extra, "subscription.extra"),
    )


def problem(said):
    value = said.value
    safe = text(value, said.case) if isinstance(value, str) else tuple(texts(value, said.case))
    return _PROBLEMS[said.case](safe)
