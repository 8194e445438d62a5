"""Heroku: plain OAuth, the account as user record, and the teams a person belongs to."""

from portico_provider import (
    Descriptor, Outcome, People, Permission, Plain, Setting, SignIn, Subscription, UserRecord, clean, get,
    list_all, serve,
)

ACCEPT = {"accept": "application/vnd.heroku+json; version=3"}
HELP = "Heroku's own, unless a proxy stands before it"


class Heroku:
    descriptor = Descriptor(
        id="heroku",
        name="Heroku",
        version="1.1.0",
        account_noun="team",
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
        # https://devcenter.heroku.com/articles/platform-api-reference#ranges: 206 and `Next-Range`
        # while there is more, to be sent back as `Range`.
        def page(**part):
            return get(self.teams, permission="read", headers=ACCEPT | part)

        def next_page(reply):
            part = reply.header("next-range")
            return page(range=part) if part and reply.status == 206 else None

        def read(team):
            id = team["id"]
            return Subscription(id, clean(team["name"])) if id and clean(id) == id else None

        found, warnings = yield from list_all(page(), what="teams", read=read, next_page=next_page)
        return Outcome(subscriptions=found, warnings=warnings)


Provider = serve(Heroku)
