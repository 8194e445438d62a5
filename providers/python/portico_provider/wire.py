"""Plain values into the records that componentize-py generates from provider.wit, and back."""

import re

from wit_world.exports import provider as wit

from .problem import Problem
from .request import Reply
from .values import Identity

_HALVES = re.compile("[\ud800-\udfff]")
_PROBLEMS = {
    "setting": wit.Problem_Setting, "unexpected": wit.Problem_Unexpected, "refused": wit.Problem_Refused,
    "challenge": wit.Problem_Challenge, "other": wit.Problem_Other,
}


def text(value, where):
    """Text as a component can hand it over: half a surrogate pair has no UTF-8."""
    if not isinstance(value, str):
        raise Problem.other("internal", f"{where} has to be text, not {type(value).__name__}")
    return _HALVES.sub("\ufffd", value)


def maybe(value, where):
    return None if value is None else text(value, where)


def pairs(values, where):
    return [(text(key, where), text(value, f"{where}.{key}")) for key, value in values.items()]


def enum(kind, name):
    return kind[name.upper().replace("-", "_")]


def descriptor(said):
    return wit.Descriptor(
        id=said.id, name=said.name, version=said.version, icon=said.icon, account_noun=said.account_noun,
        people=said.people and wit.People(said.people.subject, said.people.tenant),
        settings=[
            wit.SettingSpec(s.key, s.label, s.help, enum(wit.FieldKind, s.kind), s.choices, s.required, s.default)
            for s in said.settings
        ],
        grants=[grant(each) for each in said.grants],
        extra=pairs(said.extra, "extra"),
    )


def grant(said):
    return wit.Grant(
        name=said.name, why=said.why, principal=enum(wit.Principal, said.principal), scopes=said.scopes,
        hosts=said.hosts, paths=said.paths, methods=[enum(wit.Method, each) for each in said.methods],
        placement=wit.Placement_Header(said.header) if said.header else wit.Placement_Bearer(),
    )


def sign_in(said):
    return wit.SignIn(
        endpoints=plain(said.plain) if said.plain else wit.Endpoints_Openid(text(said.openid, "openid")),
        tenant_claim=said.tenant_claim, scopes=said.scopes, parameters=pairs(said.parameters, "parameters"),
        token_encoding=enum(wit.TokenEncoding, said.token_encoding),
        client_auth=enum(wit.ClientAuth, said.client_auth),
        extra=pairs(said.extra, "extra"),
    )


def plain(said):
    record = said.user_record
    return wit.Endpoints_Plain(wit.PlainEndpoints(
        issuer=said.issuer, authorization=said.authorization, token=said.token, end_session=said.end_session,
        user_record=record and wit.UserRecord(record.url, pairs(record.headers, "headers"), record.grant),
    ))


# What Portico takes for a person: visible ASCII.
_SUBJECT = re.compile(r"[!-~]{1,255}\Z")


def identity(said):
    if not (isinstance(said.subject, str) and _SUBJECT.match(said.subject)):
        raise Problem.unexpected("nothing says who signed in: the subject is missing, or none that Portico takes")
    return wit.Identity(
        subject=text(said.subject, "subject"), tenant=text(said.tenant, "tenant"),
        display_name=text(said.display_name or said.username or said.subject, "display_name"),
        username=maybe(said.username, "username"), extra=pairs(said.extra, "extra"),
    )


def identity_from(given):
    return Identity(given.subject, given.tenant, given.display_name, given.username, dict(given.extra))


def request(said, number):
    credential = said.grant and wit.Credential(text(said.grant, "grant"), maybe(said.tenant, "tenant"))
    return wit.Request(
        id=number, method=enum(wit.Method, said.method), url=text(said.url, "url"),
        headers=pairs(said.headers, "headers"), body=maybe(said.body, "body"), credential=credential or None,
    )


def reply(asked, outcome):
    """The host's outcome: `Ok(reply)` or `Err(fetch-error)`, both with a `value`."""
    got = outcome.value
    if isinstance(got, wit.FetchError):
        return Reply(asked, error=got.name.lower().replace("_", "-"))
    return Reply(asked, status=got.status, headers=got.headers, text=got.body)


def fetch(requests):
    notes = "; ".join(each.note for each in requests.values() if each.note)
    wishes = [request(each, number) for number, each in requests.items()]
    return wit.Step_Fetch(wit.Wish(wishes, text(notes, "note") or None))


def done(said):
    return wit.Step_Done(wit.Outcome(
        tenants=[
            wit.Tenant(
                text(t.id, "tenant.id"), text(t.display_name or t.id, "tenant.display_name"), t.state,
                maybe(t.reason, "tenant.reason"), maybe(t.challenge, "tenant.challenge"),
                pairs(t.extra, "tenant.extra"),
            )
            for t in said.tenants
        ],
        subscriptions=[
            wit.Subscription(
                text(s.id, "subscription.id"), text(s.display_name or s.id, "subscription.display_name"),
                maybe(s.state, "subscription.state"), maybe(s.tenant, "subscription.tenant"),
                pairs(s.extra, "subscription.extra"),
            )
            for s in said.subscriptions
        ],
        warnings=[text(each, "warnings") for each in said.warnings],
        extra=pairs(said.extra, "extra"),
    ))


def problem(said):
    value = said.value
    safe = text(value, said.case) if isinstance(value, str) else tuple(text(part, said.case) for part in value)
    return _PROBLEMS[said.case](safe)
