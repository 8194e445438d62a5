"""Example Cloud: how people sign in, who they are, and what they can reach. It asks and never
fetches; the same inputs give the same outputs."""

import re

from portico_provider import (
    Descriptor, Grant, Identity, Outcome, People, Setting, SignIn, Subscription, clean, get, host_of,
    list_all, serve,
)

PATH = "/api/projects"
PLAIN = re.compile(r"[!-~]{1,128}\Z")  # an id that can be shown


class ExampleCloud:
    descriptor = Descriptor(
        id="example-cloud",
        name="Example Cloud",
        version="0.1.0",
        account_noun="project",
        people=People(subject="/sub"),
        settings=[Setting(
            "address", "Address", "where the cloud is, for people and for its API", kind="url",
            default="https://cloud.example",
        )],
        grants=[Grant(
            name="read",
            why="lists the projects that the signed-in person can see",
            hosts=["{address}"],
            paths=[PATH],
        )],
    )

    def __init__(self, settings, tenant):
        self.address = settings["address"]

    def sign_in(self):
        return SignIn(openid=self.address, scopes=["openid", "profile", "projects"], client_auth="post")

    def identify(self, claims):
        return Identity(
            subject=claims.get("sub"),
            tenant=host_of(self.address),  # a cloud without tenants: its host is the one
            display_name=clean(claims.get("name")),
            username=clean(claims.get("email")) or None,
        )

    def discover(self, identity):
        asked = 1

        def page():
            return get(f"{self.address}{PATH}?page={asked}", grant="read")

        def next_page(reply):
            nonlocal asked
            if reply.json().get("more") is not True:
                return None
            asked += 1
            return page()

        def read(project):
            if not PLAIN.match(project["id"]):
                return None
            return Subscription(project["id"], clean(project.get("name")) or project["id"])

        found, warnings = yield from list_all(
            page(), what="projects", read=read, next_page=next_page, entries=lambda body: body["projects"],
        )
        return Outcome(subscriptions=found, warnings=warnings)


Provider = serve(ExampleCloud)
