import unittest

from heroku import Heroku
from portico_provider import serve
from portico_provider.testing import drive

ID, API = "http://127.0.0.1:4000/heroku-id", "http://127.0.0.1:4000/heroku"


def listed(answer):
    outcome, asked, _ = drive(Heroku, answer, identity_url=ID, api_url=f"{API}/")
    return [(each.id, each.display_name) for each in outcome.subscriptions], outcome.warnings, asked


def paged(*pages):
    """The answer to each value of `Range`: none for the first, "1" for the second and so on."""
    return lambda request: pages[int(dict(request.headers).get("range", "0"))]


FIRST = {"status": 206, "headers": {"Next-Range": "1"}, "body": [{"id": "a", "name": "Team A"}]}


class TestHeroku(unittest.TestCase):
    def test_people_sign_in_by_oauth_and_are_the_account_s_id(self):
        said = serve(Heroku)().describe()
        plain, [record] = said.sign_in.endpoints.value, said.sign_in.user_records
        self.assertEqual((plain.issuer, plain.token), ("{identity-url}", "{identity-url}/oauth/token"))
        self.assertEqual((record.url, record.permission), ("{api-url}/account", "read"))
        self.assertEqual((said.people.subject, said.people.display_name), ("/id", ["/name", "/email"]))

    def test_teams_are_listed_at_heroku_where_nothing_is_set(self):
        asked = drive(Heroku, lambda request: {"body": []}).asked
        self.assertEqual([each.url for each in asked], ["https://api.heroku.com/teams"])

    def test_no_teams_are_no_reason_for_a_warning(self):
        self.assertEqual(listed(lambda request: {"body": []})[:2], ([], []))

    def test_every_part_of_the_range_is_read_with_the_token_of_its_permission(self):
        found, warnings, asked = listed(paged(FIRST, {"body": [{"id": "b", "name": "B\x07"}]}))
        self.assertEqual((found, warnings), ([("a", "Team A"), ("b", "B")], []))
        for each in asked:
            self.assertEqual((each.url, each.credential.permission), (f"{API}/teams", "read"))
            self.assertEqual(dict(each.headers)["accept"], "application/vnd.heroku+json; version=3")

    def test_entries_of_an_odd_shape_are_passed_over(self):
        entries = [None, 3, [], {}, {"id": 7, "name": "x"}, {"id": "a", "name": None}]
        found, warnings, _ = listed(lambda request: {"body": entries})
        self.assertEqual(found, [("a", "a")])
        self.assertRegex(warnings[0], "^5 of the teams were passed over")

    def test_a_refused_lost_or_garbled_page_leaves_a_warning_and_the_login_whole(self):
        for second, said in [({"status": 403}, "403"), ("timed-out", "in time"), ({"body": "<html>"}, "not understand")]:
            with self.subTest(said):
                found, warnings, _ = listed(paged(FIRST, second))
                self.assertEqual(found, [("a", "Team A")])
                self.assertIn(said, warnings[0])

    def test_a_page_that_is_put_off_is_read_later(self):
        answers = [{"status": 429, "headers": {"Retry-After": "2"}}, {"body": [{"id": "a", "name": "A"}]}]
        outcome, _, waits = drive(Heroku, lambda request: answers.pop(0), identity_url=ID, api_url=API)
        self.assertEqual((len(outcome.subscriptions), outcome.warnings, waits), (1, [], [0, 2]))

    def test_ranges_in_a_circle_end(self):
        _, warnings, asked = listed(lambda request: FIRST)
        self.assertEqual(len(asked), 2)
        self.assertIn("circle", warnings[0])


if __name__ == "__main__":
    unittest.main()
