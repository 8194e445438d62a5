"""Heroku: plain OAuth, the account as user record, and the teams a person belongs to."""

from portico_provider import (
    Descriptor, Grant, Identity, Outcome, People, Plain, Setting, SignIn, Subscription, UserRecord,
    clean, get, host_of, list_all, serve,
)

ACCEPT = {"accept": "application/vnd.heroku+json; version=3"}


class Heroku:
    descriptor = Descriptor(
        id="heroku",
        name="Heroku",
        version="1.0.0",
        account_noun="team",
        people=People(subject="/id"),
        settings=[
            Setting("identity-url", "Address of Heroku's sign-in", kind="url",
                    help="Heroku's own, unless a proxy stands before it", default="https://id.heroku.com"),
            Setting("api-url", "Address of Heroku's API", kind="url",
                    help="Heroku's own, unless a proxy stands before it", default="https://api.heroku.com"),
        ],
        grants=[Grant(
            name="read",
            why="Reads who signed in, and lists the teams they belong to",
            hosts=["{api-url}"],
            paths=["/account", "/teams"],
        )],
    )

    def __init__(self, settings, tenant):
        self.identity_url, self.api_url = settings["identity-url"], settings["api-url"]

    def sign_in(self):
        return SignIn(
            plain=Plain(
                issuer=self.identity_url,
                authorization=f"{self.identity_url}/oauth/authorize",
                token=f"{self.identity_url}/oauth/token",
                user_record=UserRecord(f"{self.api_url}/account", grant="read", headers=ACCEPT),
            ),
            scopes=["identity", "read"],
            client_auth="post",
        )

    def identify(self, account):
        email = clean(account.get("email")) or None
        return Identity(
            subject=account.get("id"),
            tenant=host_of(self.identity_url),  # Heroku has no tenants: the issuer is one
            display_name=clean(account.get("name")) or email,
            username=email,
        )

    def discover(self, identity):
        # https://devcenter.heroku.com/articles/platform-api-reference#ranges: 206 and `Next-Range`
        # while there is more, to be sent back as `Range`.
        def page(**part):
            return get(f"{self.api_url}/teams", grant="read", headers=ACCEPT | part)

        def next_page(reply):
            part = reply.header("next-range")
            return page(range=part) if part and reply.status == 206 else None

        def read(team):
            id = team["id"]
            return Subscription(id, clean(team["name"])) if id and clean(id) == id else None

        found, warnings = yield from list_all(page(), what="teams", read=read, next_page=next_page)
        return Outcome(subscriptions=found, warnings=warnings)


Provider = serve(Heroku)
