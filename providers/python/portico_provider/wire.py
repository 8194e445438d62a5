"""Plain values into the records that componentize-py generates from provider.wit, and back."""

import json
import re

from wit_world.exports import provider as wit

from .problem import Problem
from .request import Reply, may_send
from .values import Outcome, Person

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
    return [text(each, where) for each in values]


def one_or_more(values, where):
    return texts([values] if isinstance(values, str) else values, where)


def maybe(value, where):
    return None if value is None else text(value, where)


def pairs(values, where):
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
    return wit.Descriptor(
        id=text(said.id, "id"), name=text(said.name, "name"), version=text(said.version, "version"),
        icon=maybe(said.icon, "icon"), account_noun=text(said.account_noun, "account_noun"),
        settings=[setting(each) for each in said.settings],
        sign_in=sign_in(said.sign_in),
        people=said.people and people(said.people),
        permissions=[permission(each) for each in said.permissions],
        capabilities=[
            wit.Capability(each.name, each.kind, each.why, pairs(each.extra, "capability.extra"))
            for each in said.capabilities
        ],
        extra=pairs(said.extra, "extra"),
    )


def setting(said):
    kind = enum(wit.FieldKind, said.kind, f"setting {said.key}: kind")
    return wit.SettingSpec(said.key, said.label, said.help, kind, said.choices, said.required, said.default)


def sign_in(said):
    return wit.SignIn(
        endpoints=plain(said.plain) if said.plain else wit.Endpoints_Openid(text(said.openid, "openid")),
        default_tenant=maybe(said.default_tenant, "default_tenant"), scopes=texts(said.scopes, "scopes"),
        scope_separator=enum(wit.ScopeSeparator, said.scope_separator, "scope_separator"),
        parameters=pairs(said.parameters, "parameters"),
        token_encoding=enum(wit.TokenEncoding, said.token_encoding, "token_encoding"),
        client_auth=enum(wit.ClientAuth, said.client_auth, "client_auth"),
        token_reply=texts(said.token_reply, "token_reply"),
        user_records=[
            wit.UserRecord(each.member, each.url, pairs(each.headers, "headers"), each.permission)
            for each in said.user_records
        ],
        extra=pairs(said.extra, "extra"),
    )


def plain(said):
    return wit.Endpoints_Plain(wit.PlainEndpoints(said.issuer, said.authorization, said.token, said.end_session))


def people(said):
    return wit.People(
        subject=text(said.subject, "people.subject"), tenant=maybe(said.tenant, "people.tenant"),
        display_name=one_or_more(said.display_name, "people.display_name"),
        username=one_or_more(said.username, "people.username"),
    )


def permission(said):
    where = f"permission {said.name}"
    return wit.Permission(
        name=said.name, why=said.why, principal=enum(wit.Principal, said.principal, f"{where}: principal"),
        scopes=texts(said.scopes, where), hosts=texts(said.hosts, where), paths=texts(said.paths, where),
        methods=[enum(wit.Method, each, f"{where}: methods") for each in said.methods],
        placement=variant(
            said.placement, f"{where}: placement",
            {"bearer": wit.Placement_Bearer, "basic": wit.Placement_Basic},
            {"prefix": wit.Placement_Prefix, "header": wit.Placement_Header},
        ),
        request_headers=texts(said.request_headers, where), reply_headers=texts(said.reply_headers, where),
        secret_headers=[wit.SecretHeader(each.setting, each.header, each.prefix) for each in said.secret_headers],
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
        tenants=[tenant(each) for each in said.tenants],
        subscriptions=[subscription(each) for each in said.subscriptions],
        warnings=texts(said.warnings, "warnings"),
        extra=pairs(said.extra, "extra"),
    ))


def tenant(said):
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


def subscription(said):
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
