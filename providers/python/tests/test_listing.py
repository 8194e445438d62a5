"""Lists in pages, names and addresses."""

import unittest

from componentize_py_types import Err
from portico_provider import (
    Capability, Descriptor, Outcome, Permission, SignIn, Subscription, clean, get, list_all, same_origin,
)
from portico_provider.testing import run_listing
from portico_provider.text import host_of

START = "https://h/1"


class Things:
    """Lists from START; the JSON of a page is `{items, next}`."""

    descriptor = Descriptor("x", "X", "1.0.0", "thing", SignIn([], openid="https://h"))

    def __init__(self, settings):
        pass

    def discover(self, person):
        found, warnings = yield from list_all(
            get(START),
            what="things",
            read=lambda entry: Subscription(entry["id"], ""),
            entries=lambda body: body["items"],
            next_page=lambda reply: get(reply.json()["next"]) if reply.json().get("next") else None,
        )
        return Outcome(subscriptions=found, warnings=warnings)


def listed(answer):
    outcome, asked, _ = run_listing(Things, answer)
    return [each.id for each in outcome.subscriptions], outcome.warnings, len(asked)


class InTenant:
    """One request with the token of another tenant."""

    descriptor = Descriptor(
        "x", "X", "1.0.0", "thing", SignIn([], openid="https://h/{tenant}"),
        permissions=[Permission("read", "w", ["h"], ["/"])], capabilities=[Capability("read", "tenants", "w")],
    )

    def __init__(self, settings):
        pass

    def discover(self, person):
        reply = yield get(START, permission="read", tenant="t")
        InTenant.seen = reply
        return Outcome(subscriptions=[], warnings=[reply.why])


def busy(times, headers, status=429):
    """A listing whose page is answered `times` times with this status and these headers, then with 200."""
    answers = [{"status": status, "headers": headers}] * times + [{"body": {"items": [{"id": "a"}]}}]
    outcome, _, waits = run_listing(Things, lambda request: answers.pop(0))
    return [each.id for each in outcome.subscriptions], outcome.warnings, waits


def paged_by_cursor(*permissions):
    class Cursors(Things):
        descriptor = Descriptor("x", "X", "1.0.0", "thing", SignIn([], openid="https://h"), permissions=permissions)

        def discover(self, person):
            def page(cursor):
                return get(f"{START}?{cursor}", permission=permissions[0].name if permissions else None)

            def next_page(reply):
                cursor = reply.header("X-Next-Cursor")
                return page(cursor) if cursor else None

            found, _ = yield from list_all(page(""), what="things", read=lambda it: Subscription(it["id"]), next_page=next_page)
            return Outcome(subscriptions=found)

    def answer(request):
        return {"headers": {"X-Next-Cursor": "b"} if request.url.endswith("?") else {}, "body": [{"id": request.url}]}

    return run_listing(Cursors, answer).outcome.subscriptions


class Listing(unittest.TestCase):
    def test_list_all_keeps_entry_of_two_pages_once(self):
        pages = {START: {"items": [{"id": "a"}], "next": "https://h/2"}, "https://h/2": {"items": [{"id": "a"}, {"id": "b"}]}}
        self.assertEqual(listed(lambda request: {"body": pages[request.url]}), (["a", "b"], [], 2))

    def test_refused_token_of_a_tenant_is_an_error_with_its_refusal(self):
        body = {"error": "interaction_required", "suberror": "basic_action", "claims": "{}", "error_codes": [50076]}
        outcome, asked, _ = run_listing(InTenant, lambda request: {"status": 0, "body": body})
        self.assertEqual((asked[0].credential.permission, asked[0].credential.tenant), ("read", "t"))
        seen = InTenant.seen
        self.assertEqual((seen.ok, seen.status, seen.error), (False, 0, "token-refused"))
        refusal = seen.refusal
        self.assertEqual((refusal.error, refusal.suberror, refusal.claims), ("interaction_required", "basic_action", "{}"))
        self.assertEqual(refusal.numbers, [50076])
        self.assertIn("gave no token for this tenant", outcome.warnings[0])

    def test_list_all_does_not_follow_other_origin(self):
        for url in ["https://evil/2", "http://h/2", "https://h:444/2", "https://h@evil/2", "https://h\\@evil/", "//h/2", "/2"]:
            with self.subTest(url):
                ids, warnings, asked = listed(lambda request: {"body": {"items": [{"id": "a"}], "next": url}})
                self.assertEqual((ids, asked), (["a"], 1))
                self.assertIn("Some things are missing: the next page is on another host", warnings[0])

    def test_list_all_ends_cycle_with_warning(self):
        onward = {START: "https://h/2", "https://h/2": START}
        _, warnings, asked = listed(lambda request: {"body": {"items": [], "next": onward[request.url]}})
        self.assertEqual(asked, 2)
        self.assertIn("circle", warnings[0])

    def test_list_all_ends_at_ten_thousand_entries(self):
        def answer(request):
            items = [{"id": f"{request.url}-{n}"} for n in range(6_000)]
            return {"body": {"items": items, "next": "https://h/2" if request.url == START else "https://h/3"}}

        ids, warnings, asked = listed(answer)
        self.assertEqual((len(ids), asked), (10_000, 2))
        self.assertEqual(warnings, ["Some things are missing: only the first 10000 entries were read."])

    def test_list_all_ends_at_one_hundred_pages(self):
        def answer(request):
            page = int(request.url.removeprefix("https://h/"))
            return {"body": {"items": [{"id": str(page)}], "next": f"https://h/{page + 1}"}}

        ids, warnings, asked = listed(answer)
        self.assertEqual((len(ids), asked), (100, 100))
        self.assertIn("only the first 100 pages", warnings[0])

    def test_list_all_warns_of_page_that_is_no_json_list(self):
        for body in ["<html>", "", "null", "{}", "3", "[" * 100_000]:
            with self.subTest(body[:20]):
                ids, warnings, _ = listed(lambda request: {"body": body})
                self.assertEqual(ids, [])
                self.assertIn("No things could be listed: h sent an answer that this plug-in does not", warnings[0])

    def test_list_all_warning_has_advice_for_every_failure(self):
        for error in ["not-permitted", "no-token", "timed-out", "too-large", "unreachable", "budget-spent", "refused"]:
            warning = listed(lambda request: error)[1][0]
            self.assertRegex(warning, "^No things could be listed: h .*; (sign in again|try again|tell the operator|the operator)")
        for status, remedy in [(401, "sign in again"), (403, "administrators"), (429, "try again"), (500, "try again"), (302, "tell")]:
            self.assertRegex(listed(lambda request: {"status": status})[1][0], rf"\({status}\); .*{remedy}")

    def test_list_all_retries_busy_page_twice_at_most(self):
        for status in [429, 503]:
            self.assertEqual(busy(1, {"Retry-After": "2"}, status), (["a"], [], [0, 2]))
            self.assertEqual(busy(2, {"retry-after": " 10 "}, status), (["a"], [], [0, 10, 10]))
        ids, warnings, waits = busy(3, {"retry-after": "2"})
        self.assertEqual((ids, waits), ([], [0, 2, 2]))
        self.assertIn("No things could be listed: h has had too many requests (429)", warnings[0])

    def test_list_all_ignores_retry_after_that_is_long_invalid_or_of_another_status(self):
        for value in ["11", "-1", "1.5", "1e1", "", "١", "Wed, 21 Oct 2026 07:28:00 GMT", "9" * 5_000]:
            with self.subTest(value[:20]):
                self.assertEqual(busy(1, {"retry-after": value})[2], [0])
        self.assertEqual(busy(1, {})[2], [0])
        self.assertEqual(busy(1, {"retry-after": "1"}, 500)[2], [0])

    def test_header_raises_for_undeclared_header(self):
        for permissions, where in [([Permission("read", "w", ["h"], ["/"])], "the permission read"), ([], "a permission")]:
            with self.assertRaises(Err) as raised:
                paged_by_cursor(*permissions)
            case, message = raised.exception.value.value
            self.assertEqual(case, "internal")
            self.assertIn("does not hand over the header x-next-cursor; name it in reply_headers of " + where, message)
        declared = Permission("read", "w", ["h"], ["/"], reply_headers=["X-Next-Cursor"])
        self.assertEqual(len(paged_by_cursor(declared)), 2)

    def test_clean_removes_invisible_characters(self):
        self.assertEqual(clean(" a\0\x1b\x85\u2028\u202e\u200b\U000e0041\ud800b "), "ab")
        for name in ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0dc1\u0dca\u200d\u0dbb\u0dd3", "\U0001f468\u200d\U0001f469"):
            self.assertEqual(clean(name), name)
        self.assertEqual(clean("\u200da\u200c\u200d \u200db"), "a\u200c b")
        for name in ("\u200d", "\u3164\u3164", " \u2800 ", "\ufe0f"):
            self.assertEqual(clean(name), "")
        self.assertEqual(clean("😀" * 300), "😀" * 256)
        self.assertEqual([clean(odd) for odd in (None, 3, {})], ["", "", ""])

    def test_host_of_and_same_origin_parse_http_addresses(self):
        self.assertEqual(host_of("HTTPS://GitLab.com:8443/x?y"), "gitlab.com")
        self.assertEqual(host_of("http://[::1]:80/"), "[::1]")
        self.assertTrue(same_origin("https://h/a", "https://H:443?b"))
        for odd in [None, "", "h", "https:///x", "https://a b/", "https://u:p@h/"]:
            self.assertEqual(host_of(odd), "")
        self.assertFalse(same_origin("x", "x"))


if __name__ == "__main__":
    unittest.main()
