"""The pages in process, and somebody who looks at them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from conftest import Gcw, Sandbox
from gcw_tiktok.commands import portal as commands
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.web.portal import app as application
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.people import passwords, people
from gcw_tiktok.workflow.storefronts.jobs import Jobs
from gcw_tiktok.workflow.storefronts.portal import Portal

HERE = "http://localhost"
PASSWORD = "correct horse battery staple"
HASHED = passwords.hashed(PASSWORD)
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Visitor:
    """A browser of one person: follows nothing by itself, and sends the token of the page it saw last."""

    client: FlaskClient
    token: str = ""
    seen: str = field(default="", repr=False)

    def get(self, path: str, *, status: int = 200, **more: Any) -> TestResponse:
        return self._took(self.client.get(path, **more), status)

    def post(self, path: str, status: int = 302, **fields: Any) -> TestResponse:
        """Sends a form, files among its fields."""
        answer = self.client.post(path, data={"csrf_token": self.token} | fields)
        answer.request.environ["wsgi.input"].close()  # a large one is a file, which the client leaves open
        return self._took(answer, status)

    def sign_in(self, email: str, password: str = PASSWORD) -> "Visitor":
        self.get("/sign-in")
        self.post("/sign-in", email=email, password=password)
        return self

    @property
    def text(self) -> str:
        """What the last page said, without its tags."""
        bare = re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", self.seen, flags=re.DOTALL)
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", bare)).split())

    def _took(self, answer: TestResponse, status: int) -> TestResponse:
        self.seen = answer.get_data(as_text=True) if (answer.mimetype or "").startswith("text/") else ""
        assert answer.status_code == status, f"{answer.status_code} {answer.headers.get('Location', '')}\n{self.text}"
        if found := TOKEN.search(self.seen):
            self.token = found[1]
        return answer


@dataclass
class Pages:
    """The application with everything behind it."""

    gcw: Gcw
    sandbox: Sandbox
    runtime: Runtime
    portal: Portal
    jobs: Jobs
    app: Flask

    def visitor(self) -> Visitor:
        return Visitor(self.app.test_client())

    def add(self, email: str, customer: str = "Paper Harbor", first_name: str = "Ada", last_name: str = "Reed") -> None:
        """A person with PASSWORD; without a customer an operator."""
        from gcw_tiktok.workflow import customers

        with self.portal.database.session() as session:
            owner = customers.find(session, customer) if customer else None
            act = Act("test", self.portal.now())
            person, _ = people.invite(session, act, owner, email, first_name, last_name)
            people.set_password(session, act, person, HASHED)

    def admin(self, email: str = "ada@harbor.example", customer: str = "Paper Harbor") -> Visitor:
        """A customer's admin, signed in."""
        self.add(email, customer)
        return self.visitor().sign_in(email)

    def operator(self, email: str = "op@printers.example") -> Visitor:
        """One of the PSP's operators, signed in."""
        self.add(email, "", "Olive", "Press")
        return self.visitor().sign_in(email)

    def allow(self, visitor: Visitor, address: str, seller: str = "paper-harbor") -> TestResponse:
        """A shop's owner clicks Allow on TikTok's page, and the browser comes back."""
        state = parse_qs(urlsplit(address).query)["state"][0]
        back = self.sandbox.control("POST", "authorizations", {"seller": seller, "state": state})["redirect_url"]
        return visitor.client.get("/callback?" + urlsplit(back).query)

    def done(self) -> None:
        """Waits for all work that pages have started."""
        self.jobs.wait(60)


@contextmanager
def pages_of(gcw: Gcw, sandbox: Sandbox) -> Iterator[Pages]:
    """The pages for what this command line works on."""
    runtime = Runtime(clock=gcw.clock, sleep=gcw.sleep, transport=gcw.transport)
    try:
        runtime.open_for_threads()
        portal = commands.portal(runtime, HERE)
        jobs = Jobs(portal.database, portal.now)
        found = Pages(gcw, sandbox, runtime, portal, jobs, application.create(portal, jobs))
        found.app.testing = False  # a failure is answered as it would be in the world
        yield found
        jobs.wait(60)
    finally:
        runtime.close()
