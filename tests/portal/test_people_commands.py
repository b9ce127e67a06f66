"""gcw customer admin, gcw operator, gcw customer storefronts and gcw store link, by hand and by mail."""

import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from conftest import Gcw, Sandbox
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.workflow import history
from portal.visit import Pages, pages_of
from postbox import Postbox, Server

WHERE = "https://prints.example"
LINK = re.compile(r"https?://\S+")
ADA = ("--email", "Ada@Harbor.example", "--first-name", "Ada", "--last-name", "Reed")
PASSWORD = "seven boats in the morning"


@pytest.fixture
def posted(home: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> Iterator[Pages]:
    """The pages on either engine, for one customer, and nothing known of a mail server."""
    from conftest import configured

    monkeypatch.setenv("GCW_DATABASE_URL", database_url)
    run = configured(sandbox)
    run("customer", "add", "Paper Harbor", "--storefronts")
    with pages_of(run, sandbox) as found:
        yield found


@pytest.fixture
def gcw(posted: Pages) -> Gcw:
    return posted.gcw


@pytest.fixture
def box(gcw: Gcw) -> Iterator[Postbox]:
    """A mail server that gcw was told of."""
    with Server(Postbox()) as box:
        gcw("config", "mail", "--host", "localhost", "--port", str(box.port), "--security", "none", "--from",
            "Main Floor Prints <prints@printers.example>")  # fmt: skip
        gcw("config", "set", "public_url", WHERE)
        yield box


def path_of(link: str) -> str:
    return urlsplit(link).path


def link_in(mail: EmailMessage) -> str:
    """The link, which is the same in both bodies."""
    text, html = mail.get_body(["plain"]), mail.get_body(["html"])
    assert text is not None
    assert html is not None
    [link] = set(LINK.findall(text.get_content()))
    assert f'href="{link}"' in html.get_content()
    return link


def events(subject: str) -> list[str]:
    runtime = Runtime()
    with runtime.database.view() as session:
        found = [one.what for one in history.of(session, subject)]
    runtime.close()
    return found


def stays_out(pages: Pages, link: str) -> None:
    visitor = pages.visitor()
    visitor.get(path_of(link), status=400)
    assert "does not work any more" in visitor.text or "was used a moment ago" in visitor.text


def comes_in(pages: Pages, link: str) -> Any:
    visitor = pages.visitor()
    visitor.get(path_of(link))
    visitor.post(path_of(link), password=PASSWORD)
    return visitor


def test_without_a_mail_server_the_link_is_printed_and_nothing_pretends_otherwise(posted: Pages, gcw: Gcw) -> None:
    ran = gcw("customer", "admin", "add", "paper", *ADA, "--json")
    assert ran.json["mailed"] is False
    assert ran.json["email"] == "ada@harbor.example"
    assert ran.json["status"] == "invited"
    assert "does not know your mail server" in ran.json["why"]
    assert ran.json["link"].startswith("http://localhost:8766/invitation/")
    for words in ("No mail went out", "gcw config mail", "works on this machine only", "gcw config set public_url"):
        assert words in ran.stderr
    assert "on its way" not in ran.stderr
    assert ran.json["link"] not in ran.stderr, "the link is a secret"
    comes_in(posted, ran.json["link"]).get("/stores")
    assert gcw("customer", "admin", "list", "--json").json[0]["status"] == "active"


def test_no_mail_goes_out_whose_link_would_lead_to_this_machine_only(posted: Pages, gcw: Gcw, box: Postbox) -> None:
    gcw("config", "set", "public_url", "")
    ran = gcw("customer", "admin", "add", "paper", *ADA, "--json")
    assert box.mails == []
    assert ran.json["mailed"] is False
    assert "where its pages are" in ran.json["why"]
    assert "gcw config set public_url" in ran.stderr
    gcw("config", "set", "public_url", WHERE)
    assert gcw("customer", "admin", "resend", "ada", "--json").json["mailed"] is True
    assert len(box.mails) == 1


def test_an_invitation_is_mailed_and_leads_in_once(posted: Pages, gcw: Gcw, box: Postbox) -> None:
    ran = gcw("customer", "admin", "add", "Paper Harbor", *ADA, "--json")
    assert (ran.json["mailed"], ran.json["why"], ran.json["link"]) == (True, "", None)
    assert "on its way to ada@harbor.example" in ran.stderr
    [mail] = box.mails
    assert mail["to"] == "ada@harbor.example"
    assert mail["subject"] == "Your access to Storefronts Connect"
    link = link_in(mail)
    assert link.startswith(f"{WHERE}/invitation/")
    assert link.rpartition("/")[2] not in ran.stdout + ran.stderr
    ada = comes_in(posted, link)
    ada.get("/stores")
    assert "Ada Reed" in ada.text
    stays_out(posted, link)
    [shown] = gcw("customer", "admin", "list", "pap", "--json").json
    assert (shown["status"], shown["link_ends_at"], bool(shown["signed_in_at"])) == ("active", "", True)
    assert "ada@harbor.example (active)" in gcw("customer", "show", "paper").stdout


def test_sending_again_makes_no_second_person_and_kills_the_old_link(posted: Pages, gcw: Gcw, box: Postbox) -> None:
    gcw("customer", "admin", "add", "Paper Harbor", *ADA)
    assert gcw.fails(4, "customer", "admin", "add", "Paper Harbor", *ADA, "--json").error["code"] == "input"
    gcw("customer", "admin", "resend", "Ada Reed")
    old, new = map(link_in, box.mails)
    assert len(gcw("customer", "admin", "list", "--json").json) == 1
    stays_out(posted, old)
    comes_in(posted, new)
    assert "has a password already" in gcw.fails(4, "customer", "admin", "resend", "ada").stderr


def test_an_invitation_ends_after_seven_days(posted: Pages, gcw: Gcw) -> None:
    link = gcw("customer", "admin", "add", "Paper Harbor", *ADA, "--json").json["link"]
    gcw.offset = 7 * 86_400 - 60
    posted.visitor().get(path_of(link))
    gcw.offset = 7 * 86_400 + 1
    stays_out(posted, link)
    assert gcw("customer", "admin", "list", "--json").json[0]["status"] == "invited"


def test_revoking_ends_sessions_at_once_and_links_as_well(posted: Pages, gcw: Gcw) -> None:
    ada = posted.admin()
    ada.get("/stores")
    gcw("customer", "admin", "add", "Paper Harbor", "--email", "bob@harbor.example")
    bobs = gcw("customer", "admin", "resend", "bob", "--json").json["link"]
    for who in ("ada", "bob@harbor.example"):
        assert gcw("customer", "admin", "revoke", who, "--json").json["status"] == "revoked"
    ada.get("/stores", status=302)
    stays_out(posted, bobs)
    assert "revoked already" in gcw("customer", "admin", "revoke", "ada").stderr
    assert "was revoked" in gcw.fails(4, "customer", "admin", "resend", "ada").stderr
    ada.get("/sign-in")
    ada.post("/sign-in", 400, email="ada@harbor.example", password="correct horse battery staple")


def test_who_was_revoked_may_be_invited_again_elsewhere(posted: Pages, gcw: Gcw) -> None:
    posted.admin()
    gcw("customer", "add", "Other House", "--storefronts")
    again = ("customer", "admin", "add", "Other House", *ADA, "--json")
    assert "in use already" in gcw.fails(4, *again).error["message"]
    gcw("customer", "admin", "revoke", "ada")
    ada = comes_in(posted, gcw(*again).json["link"])
    ada.get("/stores")
    assert "Other House" in ada.text
    assert "Paper Harbor" not in ada.text
    assert gcw("customer", "admin", "list", "Paper", "--json").json == []
    assert events("person:1").count("invited") == 2


def test_where_shops_are_made_that_a_customer_connects_itself(posted: Pages, gcw: Gcw, tmp_path: Path) -> None:
    for name in ("North", "South"):
        gcw("facility", "add", name, "--hand-off", f"folder:{tmp_path / name}")
    said = gcw.fails(3, "store", "link", "Paper Harbor", "--json").error
    assert said["code"] == "no_facility"
    ran = gcw("customer", "storefronts", "paper", "on", "--facility", "sou", "--json")
    assert ran.json["facility"] == "South"
    assert "already" not in ran.stderr
    assert "already" in gcw("customer", "storefronts", "paper", "on", "--facility", "South").stderr
    assert gcw("customer", "show", "paper", "--json").json["facility"] == "South"
    assert events("customer:1")[-1] == "facility chosen"
    gcw.fails(4, "customer", "storefronts", "paper", "on", "--facility", "East")
    assert gcw("store", "link", "paper", "--json").json["facility"] == "South"
    assert "--facility NAME" in gcw.fails(4, "facility", "remove", "South", "--yes").stderr
    gcw("facility", "remove", "North", "--yes")


def test_a_shops_owner_without_an_account_connects_it(posted: Pages, gcw: Gcw, box: Postbox, tmp_path: Path) -> None:
    gcw("facility", "add", "Main floor", "--hand-off", f"folder:{tmp_path / 'out'}")
    ran = gcw("store", "link", "Paper Harbor", "--email", "owner@shop.example", "--json")
    assert (ran.json["mailed"], ran.json["link"]) == (True, None)
    [mail] = box.mails
    assert mail["to"] == "owner@shop.example"
    assert mail["subject"] == "Connect your TikTok Shop for Paper Harbor"
    owner, path = posted.visitor(), path_of(link_in(mail))
    owner.get(path)
    assert "Paper Harbor" in owner.text
    back = posted.allow(owner, owner.post(path).headers["Location"])
    assert "Paper Harbor Prints: connected" in back.get_data(as_text=True)
    assert gcw("store", "list", "--json").json[0]["facility"] == "Main floor"
    owner.get(path, status=400)
    assert "does not work any more" in owner.text


def test_a_link_for_a_shop_is_printed_only_where_no_mail_takes_it(posted: Pages, gcw: Gcw, tmp_path: Path) -> None:
    gcw("facility", "add", "Main floor", "--hand-off", f"folder:{tmp_path / 'out'}")
    ran = gcw("store", "link", "Paper Harbor", "--json")
    assert (ran.json["mailed"], ran.json["why"]) == (False, "")
    assert ran.json["link"].startswith("http://localhost:8766/connect/")
    assert "this machine only" in ran.stderr
    assert "No mail went out" not in ran.stderr, "none was asked for"
    gcw("config", "set", "public_url", WHERE)
    ran = gcw("store", "link", "Paper Harbor", "--email", "owner@shop.example", "--json")
    assert (ran.json["mailed"], ran.json["link"].startswith(WHERE + "/connect/")) == (False, True)
    assert "mail server" in ran.json["why"]
    assert "this machine only" not in ran.stderr
    gcw("customer", "storefronts", "paper", "off")
    posted.visitor().get(path_of(ran.json["link"]), status=400)
    assert "storefronts 'Paper Harbor' on" in gcw.fails(4, "store", "link", "paper", "--json").error["hint"]


def test_a_forgotten_password_is_mailed(posted: Pages, gcw: Gcw, box: Postbox) -> None:
    posted.add("ada@harbor.example")
    with pages_of(gcw, posted.sandbox) as pages:
        visitor = pages.visitor()
        visitor.get("/forgotten")
        visitor.post("/forgotten", 200, email="ADA@harbor.example")
        visitor.post("/forgotten", 200, email="nobody@harbor.example")
        pages.jobs.errands.wait(30)
        [mail] = box.mails
        assert (mail["to"], mail["subject"]) == ("ada@harbor.example", "A new password for Storefronts Connect")
        link = link_in(mail)
        assert "/password/" in link
        comes_in(pages, link).get("/stores")
        box.refuse["RCPT"] = "550 nobody there"
        visitor.post("/forgotten", 200, email="ada@harbor.example")
        assert "550" not in visitor.text, "whether a mail could be sent would tell that there is such a person"


def test_a_mail_that_the_server_refuses_leaves_the_link(posted: Pages, gcw: Gcw, box: Postbox) -> None:
    box.refuse["RCPT"] = "550 nobody there"
    ran = gcw("customer", "admin", "add", "Paper Harbor", *ADA, "--json")
    assert ran.json["mailed"] is False
    assert "550 nobody there" in ran.json["why"]
    comes_in(posted, ran.json["link"]).get("/stores")


def test_operators_see_all_customers(posted: Pages, gcw: Gcw) -> None:
    gcw("customer", "add", "Other House")
    ran = gcw("operator", "add", "olive@printers.example", "--first-name", "Olive", "--last-name", "Press", "--json")
    assert "customer" not in ran.json
    olive = comes_in(posted, ran.json["link"])
    olive.get("/stores")
    assert "Operator" in olive.text
    assert [one["status"] for one in gcw("operator", "list", "--json").json] == ["active"]
    assert gcw("customer", "admin", "list", "--json").json == []
    gcw.fails(4, "customer", "admin", "revoke", "olive")
    gcw("operator", "revoke", "olive")
    olive.get("/stores", status=302)


def test_a_customer_is_added_with_its_first_admin(gcw: Gcw) -> None:
    more = ("--admin-email", "bea@mug.example", "--admin-first-name", "Bea")
    assert gcw.fails(2, "customer", "add", "Mug Life", *more, "--json").error["code"] == "usage"
    ran = gcw("customer", "add", "Mug Life", "--storefronts", *more, "--json").json
    assert (ran["name"], ran["admin"]["email"], ran["admin"]["mailed"]) == ("Mug Life", "bea@mug.example", False)
    said = gcw("customer", "add", "Tea House", "--storefronts", "--admin-email", "tea@house.example")
    assert "http://localhost:8766/invitation/" in said.stdout
    assert "Pass the link on to tea@house.example" in said.stderr
    assert "bea@mug.example (invited)" in gcw("customer", "show", "Mug Life").stdout
    gcw.fails(4, "customer", "add", "Third", "--storefronts", "--admin-email", "no address")
    assert [one["name"] for one in gcw("customer", "list", "--json").json] == ["Mug Life", "Paper Harbor", "Tea House"]


def test_what_cannot_be_invited(gcw: Gcw) -> None:
    gcw("customer", "add", "No Access")
    refused = gcw.fails(4, "customer", "admin", "add", "No Access", "--email", "a@b.example", "--json").error
    assert refused["code"] == "storefronts_off"
    assert refused["hint"] == "Run `gcw customer storefronts 'No Access' on`."
    gcw("customer", "storefronts", "No Access", "on")
    gcw("customer", "admin", "add", "No Access", "--email", "a@b.example")
    gcw("customer", "storefronts", "No Access", "off")
    assert gcw.fails(4, "customer", "admin", "resend", "a@b", "--json").error["code"] == "storefronts_off"
    odd = [
        ["--email", "nobody"],
        ["--email", "a@b.example", "--first-name", "http://evil.example/win"],
        ["--email", "a@b.example", "--last-name", "x" * 101],
        ["--email", "a@b.example\nBcc: c@d.example"],
    ]
    for words in odd:
        gcw.fails(4, "customer", "admin", "add", "Paper", *words, "--json")
    gcw("customer", "admin", "add", "Paper", "--email", "ada@b.example")
    gcw("customer", "admin", "add", "Paper", "--email", "adam@b.example")
    assert gcw.fails(4, "customer", "admin", "revoke", "ad", "--json").error["code"] == "ambiguous"
    assert gcw.fails(4, "customer", "admin", "resend", "eve", "--json").error["code"] == "unknown_name"
    assert gcw.fails(4, "operator", "revoke", "eve", "--json").error["hint"] == "See `gcw operator list`."


def test_the_pages_have_the_psps_own_name(posted: Pages, gcw: Gcw, box: Postbox) -> None:
    assert gcw("config", "set", "public_name", "Harbor & Sons", "--json").json["value"] == "Harbor & Sons"
    gcw("customer", "admin", "add", "Paper Harbor", *ADA)
    [mail] = box.mails
    assert mail["subject"] == "Your access to Harbor & Sons"
    html = mail.get_body(["html"])
    assert html is not None
    assert "Harbor &amp; Sons" in html.get_content()
    with pages_of(gcw, posted.sandbox) as pages:
        visitor = pages.visitor()
        visitor.get("/sign-in")
        assert "Harbor & Sons" in visitor.text


def test_a_setting_is_set_and_left_to_itself_again(gcw: Gcw, monkeypatch: pytest.MonkeyPatch) -> None:
    assert gcw("config", "set", "keep_recipients_days", "30", "--json").json["value"] == 30
    assert gcw.fails(4, "config", "set", "keep_recipients_days", "soon", "--json").error["code"] == "input"
    assert gcw("config", "show", "--json").json["keep_recipients_days"] == 30
    assert gcw("config", "set", "keep_recipients_days", "", "--json").json == {
        "setting": "keep_recipients_days", "value": 0, "origin": "default",
    }  # fmt: skip
    assert "secrets do not belong in a file" in gcw.fails(4, "config", "set", "smtp_password", "x").stderr
    assert "Did you mean public_url?" in gcw.fails(4, "config", "set", "public_ur", "x").stderr
    refused = gcw.fails(4, "config", "set", "public_url", "javascript:alert(1)", "--json").error["message"]
    assert refused == "public_url cannot be that: write an address that begins with https://."
    monkeypatch.setenv("GCW_PUBLIC_NAME", "From outside")
    ran = gcw("config", "set", "public_name", "Mine", "--json")
    assert ran.json["value"] == "From outside"
    assert "the environment says otherwise" in ran.stderr
