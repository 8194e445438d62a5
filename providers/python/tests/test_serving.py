"""The translation between one class and provider.wit."""

import unittest

from componentize_py_types import Err, Ok
from portico_provider import (
    Descriptor, Grant, Identity, Outcome, Problem, Setting, Subscription, get, post, serve,
)
from portico_provider.testing import SOMEBODY, configured, drive
from wit_world.exports import provider as wit


def provider(discover=None, **more):
    class Provider:
        descriptor = Descriptor("x", "X", "1.0.0", "thing", **more)

        def __init__(self, settings, tenant):
            self.settings = settings

        def identify(self, claims):
            return Identity(claims.get("sub"), "t", "")

        def discover(self, identity):
            return discover()

    return Provider


class Serving(unittest.TestCase):
    def problem(self, call, *args, **more):
        with self.assertRaises(Err) as raised:
            call(*args, **more)
        return raised.exception.value

    def test_what_a_descriptor_leaves_out_has_the_default_of_the_wit(self):
        said = serve(provider(settings=[Setting("k", "K")], grants=[Grant("g", "w", ["h"], ["/"], header="x-token")]))
        said = said().describe()
        self.assertIsNone(said.people)
        self.assertEqual(said.settings, [wit.SettingSpec("k", "K", "", wit.FieldKind.TEXT, [], False, None)])
        self.assertEqual(said.grants[0].placement, wit.Placement_Header("x-token"))
        self.assertEqual(said.grants[0].principal, wit.Principal.SIGNED_IN_USER)

    def test_requests_yielded_together_are_answered_in_their_order(self):
        def discover():
            a, b = yield [get("https://h/a"), get("https://h/b")]
            c = yield post("https://h/c", body="{}", grant="g", tenant="other")
            return Outcome(warnings=[a.text, b.text, c.text])

        def reply(request):
            return wit.Response(request.id, Ok(wit.Reply(200, [], request.url)))

        discovery = configured(provider(discover)).discover(SOMEBODY)
        first = discovery.next([]).value.requests
        second = discovery.next([reply(each) for each in reversed(first)]).value.requests
        self.assertEqual([each.id for each in first + second], [1, 2, 3])
        self.assertEqual(second[0].credential, wit.Credential("g", "other"))
        done = discovery.next([reply(each) for each in second])
        self.assertEqual(done.value.warnings, ["https://h/a", "https://h/b", "https://h/c"])

    def test_an_empty_list_of_requests_does_not_go_to_the_host(self):
        def discover():
            return Outcome(warnings=[f"{len((yield []))} replies"])

        outcome, asked = drive(provider(discover), None)
        self.assertEqual((outcome.warnings, asked), (["0 replies"], []))

    def test_a_response_that_is_missing_is_a_problem_not_a_hang(self):
        def discover():
            yield get("https://h/")

        discovery = configured(provider(discover)).discover(SOMEBODY)
        discovery.next([])
        self.assertIsInstance(self.problem(discovery.next, []), wit.Problem_Unexpected)

    def test_a_listing_that_is_no_generator_or_yields_no_request_says_so(self):
        def text():
            yield "https://h/"

        self.assertIn("has to be a generator", self.problem(drive, provider(Outcome), None).value[1])
        self.assertIn("may yield requests only", self.problem(drive, provider(text), None).value[1])

    def test_a_raised_problem_keeps_its_case_and_anything_else_is_internal(self):
        def refused():
            raise Problem.refused("consent", "ask an administrator")
            yield

        def fault():
            yield None.nothing

        said = self.problem(drive, provider(refused), None)
        self.assertEqual(said, wit.Problem_Refused(("consent", "ask an administrator")))
        self.assertEqual(self.problem(drive, provider(fault), None).value[0], "internal")

    def test_half_a_surrogate_pair_never_reaches_the_host(self):
        def discover():
            return Outcome(subscriptions=[Subscription("1", "a\ud800b")])
            yield

        outcome, _ = drive(provider(discover), None)
        self.assertEqual(outcome.subscriptions[0].display_name, "a\ufffdb")

    def test_claims_that_are_no_object_or_name_nobody_are_refused(self):
        made = configured(provider())
        for claims in ["", "[", "null", "[]", "3", "{}", '{"sub":""}', '{"sub":7}', "[" * 100_000]:
            with self.subTest(claims[:20]):
                self.assertIsInstance(self.problem(made.identify, claims), wit.Problem_Unexpected)
        self.assertEqual(made.identify('{"sub":"1"}').display_name, "1")

    def test_an_address_loses_its_last_slash_and_what_is_none_is_refused(self):
        kind = provider(settings=[Setting("url", "U", kind="url", required=True)])
        self.assertEqual(configured(kind, url="https://h/a/").provider.settings, {"url": "https://h/a"})
        for url in ["", "h", "ftp://h", "https://", "https://u@h", "https://h?x", "https://h#x", "https://h\\x", "https://h /"]:
            with self.subTest(url):
                self.assertIsInstance(self.problem(configured, kind, url=url), wit.Problem_Setting)


if __name__ == "__main__":
    unittest.main()
