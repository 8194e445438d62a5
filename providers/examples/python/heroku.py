"""Heroku: plain OAuth, the account as user record, and the teams a person belongs to."""

from portico_provider import (
    Descriptor, Outcome, People, Permission, Plain, Setting, SignIn, Subscription, UserRecord, clean, get,
    list_all, serve,
)

ACCEPT = {"accept": "application/vnd.heroku+json; version=3"}
HELP = "Heroku's own, unless a proxy stands before it"
# Simple Icons 9.21 (CC0).
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="#430098">'
    '<path d="M20.61 0H3.39C2.189 0 1.23.96 1.23 2.16v19.681c0 1.198.959 2.159 2.16 2.159h17.22c1.2 0 2.159-.961 2.159-2.159V2.16C22.77.96 21.811 0 20.61 0zm.96 21.841c0 .539-.421.96-.96.96H3.39c-.54 0-.96-.421-.96-.96V2.16c0-.54.42-.961.96-.961h17.22c.539 0 .96.421.96.961v19.681zM6.63 20.399L9.33 18l-2.7-2.4v4.799zm9.72-9.719c-.479-.48-1.379-1.08-2.879-1.08-1.621 0-3.301.421-4.5.84V3.6h-2.4v10.38l1.68-.78s2.76-1.26 5.16-1.26c1.2 0 1.5.66 1.5 1.26v7.2h2.4v-7.2c.059-.179.059-1.501-.961-2.52zM13.17 7.5h2.4c1.08-1.26 1.62-2.521 1.8-3.9h-2.399c-.241 1.379-.841 2.64-1.801 3.9z"/></svg>'
)


class Heroku:
    descriptor = Descriptor(
        id="heroku",
        name="Heroku",
        version="1.1.0",
        account_noun="team",
        icon=ICON,
        settings=[
            Setting("identity-url", "Address of Heroku's sign-in", HELP, "url", default="https://id.heroku.com"),
            Setting("api-url", "Address of Heroku's API", HELP, "url", default="https://api.heroku.com"),
        ],
        sign_in=SignIn(
            plain=Plain("{identity-url}", "{identity-url}/oauth/authorize", "{identity-url}/oauth/token"),
            scopes=["identity", "read"],
            client_auth="post",
            user_records=[UserRecord("{api-url}/account", permission="read", headers=ACCEPT)],
        ),
        people=People("/id", display_name=["/name", "/email"], username="/email"),
        permissions=[Permission(
            "read", "Reads who signed in, and lists the teams they belong to", ["{api-url}"], ["/account", "/teams"],
        )],
    )

    def __init__(self, settings):
        self.teams = settings["api-url"] + "/teams"

    def discover(self, person):
        # https://devcenter.heroku.com/articles/platform-api-reference#ranges: a page that is not the last
        # has status 206 and `Next-Range`, which is the `Range` of the next request.
        def page(**range_header):
            return get(self.teams, permission="read", headers=ACCEPT | range_header)

        def next_page(reply):
            next_range = reply.header("next-range")
            return page(range=next_range) if next_range and reply.status == 206 else None

        def read(team):
            id = team["id"]
            return Subscription(id, clean(team["name"])) if id and clean(id) == id else None

        found, warnings = yield from list_all(page(), what="teams", read=read, next_page=next_page)
        return Outcome(subscriptions=found, warnings=warnings)


Provider = serve(Heroku)
