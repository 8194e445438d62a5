import unittest

from heroku import Heroku
from portico_provider.testing import configured, drive

ID, API = "http://127.0.0.1:4000/heroku-id", "http://127.0.0.1:4000/heroku"


def listed(answer):
    outcome, asked = drive(Heroku, answer, identity_url=ID, api_url=f"{API}/")
    return [(each.id, each.display_name) for each in outcome.subscriptions], outcome.warnings, asked


def paged(*pages):
    """The answer to each value of `Range`: none for the first, "1" for the second and so on."""
    return lambda request: pages[int(dict(request.headers).get("range", "0"))]


FIRST = {"status": 206, "headers": {"Next-Range": "1"}, "body": [{"id": "a", "name": "Team A"}]}


class TestHeroku(unittest.TestCase):
    def test_signs_in_below_the_paths_of_the_settings_and_at_heroku_without(self):
        plain = configured(Heroku, identity_url=f"{ID}/", api_url=API).sign_in().endpoints.value
        self.assertEqual((plain.issuer, plain.token), (ID, f"{ID}/oauth/token"))
        self.assertEqual(plain.user_record.url, f"{API}/account")
        self.assertEqual(configured(Heroku).sign_in().endpoints.value.issuer, "https://id.heroku.com")

    def test_a_person_is_the_account_s_id_at_the_issuer_s_host(self):
        person = configured(Heroku).identify('{"id": "u-1", "name": null, "email": "ada@example.com"}')
        self.assertEqual((person.subject, person.tenant), ("u-1", "id.heroku.com"))
        self.assertEqual((person.display_name, person.username), ("ada@example.com",) * 2)

    def test_no_teams_are_no_reason_for_a_warning(self):
        self.assertEqual(listed(lambda request: {"body": []})[:2], ([], []))

    def test_every_part_of_the_range_is_read_with_the_token_of_its_grant(self):
        found, warnings, asked = listed(paged(FIRST, {"body": [{"id": "b", "name": "B\x07"}]}))
        self.assertEqual((found, warnings), ([("a", "Team A"), ("b", "B")], []))
        for each in asked:
            self.assertEqual((each.url, each.credential.grant), (f"{API}/teams", "read"))
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

    def test_ranges_in_a_circle_end(self):
        _, warnings, asked = listed(lambda request: FIRST)
        self.assertEqual(len(asked), 2)
        self.assertIn("circle", warnings[0])


if __name__ == "__main__":
    unittest.main()
