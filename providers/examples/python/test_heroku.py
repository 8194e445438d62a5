import unittest

from heroku import Heroku
from portico_provider import serve
from portico_provider.testing import run_listing

ID, API = "http://127.0.0.1:4000/heroku-id", "http://127.0.0.1:4000/heroku"


def listed(answer):
    outcome, asked, _ = run_listing(Heroku, answer, identity_url=ID, api_url=f"{API}/")
    return [(each.id, each.display_name) for each in outcome.subscriptions], outcome.warnings, asked


def paged(*pages):
    """The replies by `Range`: none for the first page, "1" for the second and so on."""
    return lambda request: pages[int(dict(request.headers).get("range", "0"))]


FIRST = {"status": 206, "headers": {"Next-Range": "1"}, "body": [{"id": "a", "name": "Team A"}]}


class TestHeroku(unittest.TestCase):
    def test_descriptor_has_oauth_endpoints_and_account_id(self):
        result = serve(Heroku)().describe()
        plain, [record] = result.sign_in.endpoints.value, result.sign_in.user_records
        self.assertEqual((plain.issuer, plain.token), ("{identity-url}", "{identity-url}/oauth/token"))
        self.assertEqual((record.url, record.permission), ("{api-url}/account", "read"))
        self.assertEqual((result.people.subject, result.people.display_name), ("/id", ["/name", "/email"]))

    def test_teams_are_requested_at_heroku_by_default(self):
        asked = run_listing(Heroku, lambda request: {"body": []}).asked
        self.assertEqual([each.url for each in asked], ["https://api.heroku.com/teams"])

    def test_empty_list_has_no_warning(self):
        self.assertEqual(listed(lambda request: {"body": []})[:2], ([], []))

    def test_all_ranges_are_requested_under_permission(self):
        found, warnings, asked = listed(paged(FIRST, {"body": [{"id": "b", "name": "B\x07"}]}))
        self.assertEqual((found, warnings), ([("a", "Team A"), ("b", "B")], []))
        for each in asked:
            self.assertEqual((each.url, each.credential.permission), (f"{API}/teams", "read"))
            self.assertEqual(dict(each.headers)["accept"], "application/vnd.heroku+json; version=3")

    def test_invalid_entries_are_skipped_with_warning(self):
        entries = [None, 3, [], {}, {"id": 7, "name": "x"}, {"id": "a", "name": None}]
        found, warnings, _ = listed(lambda request: {"body": entries})
        self.assertEqual(found, [("a", "a")])
        self.assertRegex(warnings[0], "^5 of the teams were passed over")

    def test_failed_page_adds_warning_and_keeps_entries(self):
        for second, message in [({"status": 403}, "403"), ("timed-out", "in time"), ({"body": "<html>"}, "not understand")]:
            with self.subTest(message):
                found, warnings, _ = listed(paged(FIRST, second))
                self.assertEqual(found, [("a", "Team A")])
                self.assertIn(message, warnings[0])

    def test_busy_page_is_retried(self):
        answers = [{"status": 429, "headers": {"Retry-After": "2"}}, {"body": [{"id": "a", "name": "A"}]}]
        outcome, _, waits = run_listing(Heroku, lambda request: answers.pop(0), identity_url=ID, api_url=API)
        self.assertEqual((len(outcome.subscriptions), outcome.warnings, waits), (1, [], [0, 2]))

    def test_cycle_of_ranges_ends_with_warning(self):
        _, warnings, asked = listed(lambda request: FIRST)
        self.assertEqual(len(asked), 2)
        self.assertIn("circle", warnings[0])


if __name__ == "__main__":
    unittest.main()
