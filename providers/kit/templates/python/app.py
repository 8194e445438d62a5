"""Example Cloud. The host signs people in by the descriptor; `discover` yields requests, which the host
sends. The same inputs must give the same outputs."""

import re

from portico_provider import (
    Descriptor, Outcome, People, Permission, Setting, SignIn, Subscription, clean, get, list_all, serve,
)

PATH = "/api/projects"
PLAIN = re.compile(r"[!-~]{1,128}\Z")  # a valid id


class ExampleCloud:
    descriptor = Descriptor(
        id="example-cloud",
        name="Example Cloud",
        version="0.1.0",
        account_noun="project",
        settings=[Setting(
            "address", "Address", "where the cloud is, for people and for its API", "url",
            default="https://cloud.example",
        )],
        sign_in=SignIn(openid="{address}", scopes=["openid", "profile", "projects"], client_auth="post"),
        people=People("/sub", display_name="/name", username="/email"),
        permissions=[Permission(
            name="read",
            why="lists the projects that the signed-in person can see",
            hosts=["{address}"],
            paths=[PATH],
        )],
    )

    def __init__(self, settings):
        self.projects = settings["address"] + PATH

    def discover(self, person):
        number = 1

        def page():
            return get(f"{self.projects}?page={number}", permission="read")

        def next_page(reply):
            nonlocal number
            if reply.json().get("more") is not True:
                return None
            number += 1
            return page()

        def read(project):
            return Subscription(project["id"], clean(project.get("name"))) if PLAIN.match(project["id"]) else None

        found, warnings = yield from list_all(
            page(), what="projects", read=read, next_page=next_page, entries=lambda body: body["projects"],
        )
        return Outcome(subscriptions=found, warnings=warnings)


Provider = serve(ExampleCloud)
