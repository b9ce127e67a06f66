"""The page of people: whom a customer's admin sees and lets in and out, and what an operator sees."""

import re
from collections.abc import Iterator

import pytest
from sqlmodel import select

from gcw_tiktok.store.tables import Attempt, Person
from gcw_tiktok.workflow.storefronts import roster
from portal.visit import PASSWORD, Pages, Visitor, pages_of
from postbox import Postbox, Server


@pytest.fixture
def box(pages: Pages) -> Iterator[Postbox]:
    """A mail server that the pages were told of."""
    with Server(Postbox()) as box:
        where = ("--host", "localhost", "--port", str(box.port), "--security", "none")
        pages.gcw("config", "mail", *where, "--from", "Main Floor <prints@printers.example>")
        yield box


@pytest.fixture
def posting(pages: Pages, box: Postbox) -> Iterator[Pages]:
    """The pages once more, which know the mail server now."""
    with pages_of(pages.gcw, pages.sandbox) as found:
        yield found


def bobs_link(page: str) -> str:
    found = re.search(r'value="http://localhost(/invitation/[^"]+)"', page)
    assert found, page
    return found[1]


def people(pages: Pages) -> dict[str, str]:
    return {one["email"]: one["status"] for one in pages.gcw("customer", "admin", "list", "--json").json}


def invited(pages: Pages, admin: Visitor, email: str = "bob@harbor.example") -> int:
    """Somebody whom the admin has invited; their id."""
    admin.get("/people")
    admin.post("/people/of/1/invite", 200, email=email, first_name="Bob", last_name="Oak")
    with pages.portal.database.view() as view:
        found = view.exec(select(Person.id).where(Person.email == email)).one()
    assert found is not None
    return found


def test_an_admin_invites_another_who_comes_in_by_mail(posting: Pages, box: Postbox) -> None:
    admin = posting.admin()
    admin.get("/people")
    assert "Ada Reed (you)" in admin.text
    admin.post("/people/of/1/invite", email="Bob@Harbor.example", first_name="Bob", last_name="Oak")
    admin.get("/people")
    assert "A mail with a link is on its way to Bob@Harbor.example" in admin.text
    assert "/invitation/" not in admin.seen, "who has the mail has the link, and nobody else"
    assert "Invited Link works until" in admin.text
    [mail] = box.mails
    assert mail["to"] == "bob@harbor.example"
    text = mail.get_body(["plain"])
    assert text is not None
    link = re.search(r"http://localhost(\S+)", text.get_content())
    assert link is not None
    bob = posting.visitor()
    bob.get(link[1])
    assert "Welcome, Bob Oak" in bob.text
    bob.post(link[1], password="seven boats in the morning")
    bob.get("/people")
    assert "Bob Oak (you)" in bob.text
    assert people(posting) == {"ada@harbor.example": "active", "bob@harbor.example": "active"}


def test_where_no_mail_can_go_the_link_is_shown_once(pages: Pages) -> None:
    admin = pages.admin()
    invited(pages, admin)
    assert "No mail went out to bob@harbor.example" in admin.text
    assert "on its way" not in admin.text
    assert "gcw" not in admin.text.replace("gcw_", ""), "a customer has no terminal"
    first = bobs_link(admin.seen)
    admin.get("/people")
    assert "/invitation/" not in admin.seen
    admin.post("/people/2/resend", 200)
    second = bobs_link(admin.seen)
    pages.visitor().get(first, status=400)
    bob = pages.visitor()
    bob.get(second)
    bob.post(second, password="seven boats in the morning")
    admin.get("/people")
    admin.post("/people/2/resend", 400)
    assert "has a password already" in admin.text


def test_an_admin_revokes_another_but_not_themselves(pages: Pages) -> None:
    admin = pages.admin()
    bob = pages.admin("bob@harbor.example")
    admin.get("/people")
    admin.post("/people/2/revoke")
    bob.get("/stores", status=302)
    admin.get("/people")
    assert "Revoked (1)" in admin.text
    admin.post("/people/1/revoke", 400)
    assert "cannot revoke yourself" in admin.text
    admin.get("/people")
    admin.post("/people/of/1/invite", 200, email="bob@harbor.example", first_name="Ada", last_name="Reed")
    assert people(pages)["bob@harbor.example"] == "invited"


def test_what_cannot_be_invited_is_said_and_what_was_typed_stays(pages: Pages) -> None:
    admin = pages.admin()
    admin.get("/people")
    admin.post("/people/of/1/invite", 400, email="nobody", first_name="<b>Bob</b>", last_name="Oak")
    assert "is no mail address" in admin.text
    assert 'value="nobody"' in admin.seen
    assert "<b>Bob" not in admin.seen
    admin.post("/people/of/1/invite", 400, email="bob@harbor.example", first_name="<b>Bob</b>", last_name="Oak")
    assert "has a character that no name has" in admin.text
    admin.post("/people/of/1/invite", 400, email="ada@harbor.example", first_name="", last_name="")
    assert "is there already" in admin.text


def test_nobody_fills_mailboxes_from_here(pages: Pages) -> None:
    admin = pages.admin()
    person = invited(pages, admin)
    for _ in range(roster.MOST_TO_ONE - 1):
        admin.post(f"/people/{person}/resend", 200)
    admin.post(f"/people/{person}/resend", 400)
    assert "too many tries" in admin.text
    pages.gcw.offset += 15 * 60 + 1
    admin.post(f"/people/{person}/resend", 200)
    for number in range(roster.MOST_BY_ONE - 1):
        admin.post("/people/of/1/invite", 200, email=f"p{number}@harbor.example", first_name="", last_name="")
    admin.post("/people/of/1/invite", 400, email="one@more.example", first_name="", last_name="")
    with pages.portal.database.view() as view:
        assert all("example" not in one.mark for one in view.exec(select(Attempt)))


def test_another_customers_people_are_not_there(pages: Pages) -> None:
    pages.gcw("customer", "add", "Other House", "--storefronts")
    pages.admin()
    pages.operator()
    eve = pages.admin("eve@other.example", "Other House")
    eve.get("/people")
    assert "harbor.example" not in eve.text
    eve.get("/people/of/2")
    eve.get("/people/of/1", status=404)
    for person in (1, 2, 99):
        for what in ("resend", "revoke"):
            eve.post(f"/people/{person}/{what}", 404)
    eve.post("/people/of/1/invite", 404, email="spy@other.example", first_name="", last_name="")
    eve.post("/people/of/99/invite", 404, email="spy@other.example", first_name="", last_name="")
    assert people(pages) == {"ada@harbor.example": "active", "eve@other.example": "active"}


def test_an_operator_sees_customers_their_people_and_operators(pages: Pages) -> None:
    pages.gcw("customer", "add", "Other House", "--reference", "OH_1")
    pages.admin()
    olive = pages.operator()
    olive.get("/people")
    for words in (
        "Paper Harbor On 1 active",
        "Other House OH_1 Off nobody yet",
        "Olive Press (you)",
        "gcw operator add",
    ):
        assert words in olive.text
    olive.get("/people?q=h_1")
    assert "Other House" in olive.text
    assert "Paper Harbor" not in olive.text
    olive.get("/people?q=%25")
    assert "No customer has" in olive.text
    olive.get("/people/of/1")
    assert "Ada Reed" in olive.text
    olive.post("/people/of/1/invite", 200, email="bob@harbor.example", first_name="Bob", last_name="")
    assert "does not know your mail server" in olive.text
    olive.post("/people/1/revoke")
    olive.post("/people/2/revoke", 404)  # herself: operators come and go in the terminal
    olive.get("/people/of/2")
    assert "Access is off" in olive.text
    olive.post("/people/of/2/invite", 400, email="x@other.example", first_name="", last_name="")
    olive.get("/people/of/99", status=404)
    assert people(pages) == {"ada@harbor.example": "revoked", "bob@harbor.example": "invited"}


def test_many_customers_come_page_by_page(pages: Pages) -> None:
    for number in range(roster.PAGE + 3):
        pages.gcw("customer", "add", f"House {number:02}")
    olive = pages.operator()
    olive.get("/people")
    assert "House 00" in olive.text
    assert "Page 1 of 2" in olive.text
    olive.get("/people?page=2")
    assert "Paper Harbor" in olive.text
    assert "House 00" not in olive.text
    olive.get("/people?page=9999")
    assert "Page 2 of 2" in olive.text


def test_somebody_who_was_revoked_is_out_of_the_page_too(pages: Pages) -> None:
    admin = pages.admin()
    admin.get("/people")
    pages.gcw("customer", "admin", "revoke", "ada")
    admin.post("/people/of/1/invite", 302, email="late@harbor.example", first_name="", last_name="")
    assert people(pages) == {"ada@harbor.example": "revoked"}
    admin.get("/sign-in")
    admin.post("/sign-in", 400, email="ada@harbor.example", password=PASSWORD)
