"""The conversion between a class and provider.wit."""

import unittest

from componentize_py_types import Err, Ok
from portico_provider import (
    Capability, Descriptor, Outcome, People, Permission, Person, Plain, Problem, SecretHeader, Setting, SignIn,
    Subscription, Tenant, UserRecord, get, post, serve, wait,
)
from portico_provider.testing import SOMEBODY, configured, run_listing, on_the_wire
from wit_world.exports import provider as wit


SIGN_IN = SignIn(["openid"], openid="https://id")
READ = {"name": "read", "why": "w", "hosts": ["h"], "paths": ["/"]}


def provider(discover=None, sign_in=SIGN_IN, **more):
    class Provider:
        descriptor = Descriptor("x", "X", "1.0.0", "thing", sign_in, **more)

        def __init__(self, settings):
            self.settings = settings

        def discover(self, person):
            return discover(person)

    return Provider


def described(**more):
    return serve(provider(**more))().describe()


def listed_tenant(tenant):
    def discover(_):
        return Outcome(tenants=[tenant])
        yield

    return run_listing(provider(discover), None).outcome.tenants[0]


class Serving(unittest.TestCase):
    def problem(self, call, *args, **more):
        with self.assertRaises(Err) as raised:
            call(*args, **more)
        return raised.exception.value

    def test_describe_names_field_of_wrong_type(self):
        for more, words in [
            ({"settings": {}}, "settings has to be a list, not dict"),
            ({"settings": [None]}, "settings[0] has to be a Setting, not NoneType"),
            ({"settings": [Setting("k", 7)]}, "setting k: label has to be text, not int"),
            ({"settings": [Setting("k", "K", required="yes")]}, "setting k: required has to be True or False"),
            ({"permissions": [Permission(**READ | {"hosts": "h"})]}, "permission read: hosts has to be a list, not str"),
            ({"permissions": [Permission(**READ | {"why": None})]}, "permission read: why has to be text, not NoneType"),
            ({"people": "/sub"}, "people has to be a People, not str"),
            ({"sign_in": "https://id"}, "sign_in has to be a SignIn, not str"),
            ({"extra": []}, "extra has to be a dict, not list"),
        ]:
            with self.assertRaises(Problem) as raised:
                described(**more)
            self.assertEqual(raised.exception.value, ("internal", raised.exception.value[1]))
            self.assertIn(words, raised.exception.value[1])

    def test_serve_refuses_class_without_descriptor_and_non_class(self):
        with self.assertRaisesRegex(Problem, "`descriptor` of the class has to be a Descriptor, not NoneType"):
            serve(type("Nothing", (), {}))().describe()
        for none in (None, 7):
            with self.assertRaisesRegex(Problem, "serve takes a class"):
                serve(none)

    def test_describe_fills_defaults_of_the_wit(self):
        result = described(settings=[Setting("k", "K")], permissions=[Permission(**READ)], people=People("/sub"))
        self.assertEqual(result.settings, [wit.SettingSpec("k", "K", "", wit.FieldKind.TEXT, [], False, None)])
        self.assertEqual(result.permissions, [wit.Permission(
            "read", "w", wit.Principal.SIGNED_IN_USER, [], ["h"], ["/"], [wit.Method.GET], wit.Placement_Bearer(), [], [], [],
        )])
        self.assertEqual(result.sign_in, wit.SignIn(
            wit.Endpoints_Openid("https://id"), None, ["openid"], wit.ScopeSeparator.SPACE, [], wit.TokenEncoding.FORM,
            wit.ClientAuth.BASIC, [], [], [],
        ))
        self.assertEqual(result.people, wit.People("/sub", None, [], []))
        self.assertIsNone(described().people)

    def test_describe_passes_every_field(self):
        plain = ("{url}", "{url}/a", "{url}/t", "{url}/e")
        result = described(
            sign_in=SignIn(
                ["a"], plain=Plain(*plain), default_tenant="{tenant-id}", scope_separator="comma",
                parameters={"audience": "x"}, token_encoding="json-snake-case", client_auth="none",
                token_reply=["instance_url"],
                user_records=[UserRecord("{url}/me", "read"), UserRecord("{url}/org", "read", "org", {"accept": "x"})],
            ),
            people=People("/id", "/org/id", ["/name", "/login"], "/login"),
            permissions=[
                Permission(**READ, principal="nobody", placement={"prefix": "token"}, secret_headers=[SecretHeader("key", "x-api-key")]),
                Permission(**READ, placement={"header": "x-token"}), Permission(**READ, placement="basic"),
            ],
            capabilities=[Capability("c", "role", "w")],
        )
        self.assertEqual(result.sign_in.endpoints, wit.Endpoints_Plain(wit.PlainEndpoints(*plain)))
        self.assertEqual(result.sign_in.token_encoding, wit.TokenEncoding.JSON_SNAKE_CASE)
        self.assertEqual(result.sign_in.user_records, [
            wit.UserRecord(None, "{url}/me", [], "read"), wit.UserRecord("org", "{url}/org", [("accept", "x")], "read"),
        ])
        self.assertEqual(result.people, wit.People("/id", "/org/id", ["/name", "/login"], ["/login"]))
        placements = [each.placement for each in result.permissions]
        self.assertEqual(placements, [wit.Placement_Prefix("token"), wit.Placement_Header("x-token"), wit.Placement_Basic()])
        self.assertEqual(result.permissions[0].secret_headers, [wit.SecretHeader("key", "x-api-key", "")])
        self.assertEqual(result.capabilities, [wit.Capability("c", "role", "w", [])])

    def test_describe_refuses_unknown_enum_name(self):
        for more, message in [
            ({"sign_in": SignIn([], openid="x", client_auth="secret")}, "client_auth has to be one of basic, post, none"),
            ({"sign_in": SignIn([])}, "openid has to be text"),
            ({"permissions": [Permission(**READ, placement="cookie")]}, "placement has to be one of bearer, basic, {prefix"),
            ({"permissions": [Permission(**READ, placement="header")]}, "placement has to be one of"),
            ({"permissions": [Permission(**READ, placement={})]}, "placement has to be one of"),
            ({"permissions": [Permission(**READ, methods=["put"])]}, "methods has to be one of get, post"),
            ({"settings": [Setting("k", "K", kind="password")]}, "kind has to be one of"),
        ]:
            with self.subTest(message), self.assertRaises(Problem) as raised:
                described(**more)
            self.assertIn(message, str(raised.exception))

    def test_tenant_has_state_mender_and_repair(self):
        ok = wit.Tenant("t", "t", wit.TenantState.OK, None, None, None, [])
        self.assertEqual(listed_tenant(Tenant("t")), ok)
        for repair, wire in [
            ("sign-in", wit.Repair_SignIn()), ({"claims": {"a": 1}}, wit.Repair_Claims('{"a": 1}')),
            ({"link": "https://h/x"}, wit.Repair_Link("https://h/x")),
        ]:
            result = listed_tenant(Tenant("t", state="wants-mfa", mender="person", repair=repair))
            self.assertEqual((result.state, result.mender, result.repair), (wit.TenantState.WANTS_MFA, wit.Mender.PERSON, wire))
        for invalid in [{"state": "wants_mfa"}, {"mender": "me"}, {"repair": "link"}, {"repair": {}}]:
            with self.subTest(invalid):
                self.assertEqual(self.problem(listed_tenant, Tenant("t", **invalid)).value[0], "internal")

    def test_discover_gets_replies_in_order_of_requests(self):
        def discover(_):
            a, b = yield [get("https://h/a"), get("https://h/b")]
            c = yield post("https://h/c", body="{}", permission="read", tenant="other")
            return Outcome(warnings=[a.text, b.text, c.text])

        def reply(request):
            return wit.Response(request.id, Ok(wit.Reply(200, [], request.url)))

        discovery = configured(provider(discover, permissions=[Permission(**READ)])).discover(on_the_wire(SOMEBODY))
        first = discovery.next([]).value.requests
        second = discovery.next([reply(each) for each in reversed(first)]).value.requests
        self.assertEqual([each.id for each in first + second], [1, 2, 3])
        self.assertEqual(second[0].credential, wit.Credential("read", "other"))
        done = discovery.next([reply(each) for each in second])
        self.assertEqual(done.value.warnings, ["https://h/a", "https://h/b", "https://h/c"])

    def test_empty_list_of_requests_is_no_step(self):
        def discover(_):
            return Outcome(warnings=[f"{len((yield []))} replies"])

        outcome, asked, _ = run_listing(provider(discover), None)
        self.assertEqual((outcome.warnings, asked), (["0 replies"], []))

    def test_wait_sets_wait_seconds_of_step(self):
        def discover(_):
            one = yield wait(1.2, get("https://h/a"))
            [two] = yield wait(0, [get("https://h/b")])
            return Outcome(warnings=[one.text, two.text])

        outcome, _, waits = run_listing(provider(discover), lambda request: {"body": request.url})
        self.assertEqual((outcome.warnings, waits), (["https://h/a", "https://h/b"], [2, 0]))
        for invalid in [-1, float("nan"), float("inf"), 4000]:
            with self.assertRaisesRegex(Problem, "seconds"):
                wait(invalid, get("https://h/"))

    def test_discover_gets_person_and_token_reply(self):
        def discover(person):
            return Outcome(warnings=[person.subject, person.token_reply["instance_url"]])
            yield

        person = Person("7", "t", "Ada", token_reply={"instance_url": "https://eu.example"})
        self.assertEqual(run_listing(provider(discover), None, person).outcome.warnings, ["7", "https://eu.example"])

    def test_request_with_undeclared_permission_or_header_raises(self):
        def asked(**options):
            def discover(_):
                yield get("https://h/", **options)
                return Outcome()

            return run_listing(provider(discover, permissions=[Permission(**READ, request_headers=["X-Version"])]), lambda request: {}).asked

        for options, message in [
            ({"permission": "raed"}, "no permission raed"),
            ({"permission": "read", "headers": {"X-Other": "1"}}, "does not send the header X-Other; name it in request_headers of the permission read"),
            ({"headers": {"x-version": "1"}}, "request_headers of a permission"),
            ({"grant": "read"}, "grant"),
        ]:
            with self.subTest(message):
                self.assertIn(message, self.problem(asked, **options).value[1])
        [request] = asked(permission="read", headers={"x-version": "1", "Accept": "x", "x-ms-date": "d"})
        self.assertEqual(len(request.headers), 3)

    def test_run_listing_passes_declared_reply_headers_only(self):
        def discover(_):
            reply = yield get("https://h/", permission="read")
            return Outcome(warnings=[name for name, _ in reply.headers])

        headers = {"ETag": "1", "X-Total": "2", "X-Next-Cursor": "3", "Set-Cookie": "4"}
        permissions = [Permission(**READ, reply_headers=["x-total"])]
        outcome = run_listing(provider(discover, permissions=permissions), lambda request: {"headers": headers}).outcome
        self.assertEqual(outcome.warnings, ["etag", "x-total"])

    def test_missing_response_is_unexpected_problem(self):
        def discover(_):
            yield get("https://h/")

        discovery = configured(provider(discover)).discover(on_the_wire(SOMEBODY))
        discovery.next([])
        self.assertIsInstance(self.problem(discovery.next, []), wit.Problem_Unexpected)

    def test_discover_must_be_generator_of_requests_that_returns_outcome(self):
        def nothing(_):
            yield []

        def text(_):
            yield "https://h/"

        self.assertIn("has to be a generator", self.problem(run_listing, provider(lambda _: Outcome()), None).value[1])
        self.assertIn("has to return an Outcome", self.problem(run_listing, provider(nothing), None).value[1])
        self.assertIn("may yield requests only", self.problem(run_listing, provider(text), None).value[1])

    def test_raised_problem_keeps_case_and_other_exception_is_internal(self):
        def refused(_):
            raise Problem.refused("consent", "ask an administrator")
            yield

        def fault(_):
            yield None.nothing

        result = self.problem(run_listing, provider(refused), None)
        self.assertEqual(result, wit.Problem_Refused(("consent", "ask an administrator")))
        self.assertEqual(self.problem(run_listing, provider(fault), None).value[0], "internal")

    def test_unpaired_surrogate_is_replaced(self):
        def discover(_):
            return Outcome(subscriptions=[Subscription("1", "a\ud800b")])
            yield

        outcome = run_listing(provider(discover), None).outcome
        self.assertEqual(outcome.subscriptions[0].display_name, "a\ufffdb")

    def test_settings_are_completed_with_defaults_and_checked(self):
        kind = provider(settings=[
            Setting("region", "R", required=True), Setting("api", "A", kind="url", default="https://api.{region}.example/"),
            Setting("other", "O", default="{absent}"), Setting("key", "K", kind="secret", required=True),
            Setting("who", "W", kind="choice", choices=["a", "b"], default="a"), Setting("all", "L", kind="flag"),
        ])
        made = configured(kind, region="eu", key="hidden", who="").provider.settings
        self.assertEqual(made, {"region": "eu", "api": "https://api.eu.example", "who": "a"})
        for key, given in [("region", {}), ("who", {"region": "eu", "who": "c"}), ("all", {"region": "eu", "all": "yes"})]:
            with self.subTest(key):
                problem = self.problem(configured, kind, **given)
                self.assertIsInstance(problem, wit.Problem_Setting)
                self.assertEqual(problem.value[0], key)

    def test_address_loses_trailing_slashes_and_invalid_one_is_refused(self):
        kind = provider(settings=[Setting("url", "U", kind="url", required=True)])
        self.assertEqual(configured(kind, url="https://h/a//").provider.settings, {"url": "https://h/a"})
        for url in ["", "h", "ftp://h", "https://", "https://u@h", "https://h?x", "https://h#x", "https://h\\x", "https://h /"]:
            with self.subTest(url):
                self.assertIsInstance(self.problem(configured, kind, url=url), wit.Problem_Setting)


if __name__ == "__main__":
    unittest.main()
