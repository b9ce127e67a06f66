"""Signing in: who gets in, who does not, and what nobody learns by trying."""

import re
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from gcw_tiktok.errors import BadInput, GcwError
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.store.tables import Attempt, Link, LinkPurpose, Person, Visit
from gcw_tiktok.web.portal.sign_in import TOO_MANY
from gcw_tiktok.workflow import customers, mail
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.mail import Message, PostOffice
from gcw_tiktok.workflow.people import inviting, links, passwords, people, signing_in, tries, visits
from gcw_tiktok.workflow.people.inviting import Sent
from gcw_tiktok.workflow.people.signing_in import MOST_OF_A_PERSON, MOST_OF_AN_ADDRESS
from orders.shop import SKU
from portal.visit import PASSWORD, Pages, Visitor

ADA, NEW = "ada@harbor.example", "seven boats in the morning"
WINDOW = tries.WINDOW_SECONDS


def tried(visitor: Visitor, email: str, password: str, address: str = "203.0.113.9") -> int:
    """The status with which a try ends."""
    if not visitor.token:
        visitor.get("/sign-in")
    fields = {"csrf_token": visitor.token, "email": email, "password": password}
    answer = visitor.client.post("/sign-in", data=fields, environ_base={"REMOTE_ADDR": address})
    visitor.seen = answer.get_data(as_text=True)
    return answer.status_code


def link_for(pages: Pages, email: str = ADA, purpose: LinkPurpose = LinkPurpose.PASSWORD) -> str:
    """The path of a new link for somebody."""
    with pages.portal.database.session() as session:
        person = session.exec(select(Person).where(Person.email == email)).one()
        return f"/{purpose.value}/{links.make(session, purpose, pages.portal.now(), person_id=person.id)}"


def invited(pages: Pages, email: str = "bob@harbor.example") -> str:
    ran = pages.gcw("customer", "admin", "add", "Paper Harbor", "--email", email, "--json")
    return str(ran.json["link"].partition(":8766")[2])


def asked(pages: Pages, email: str) -> list[str]:
    """Says that the password is forgotten; where the links lead that are mailed."""
    sent: list[str] = []

    def send(desk: object, person: object, customer: object, purpose: LinkPurpose, secret: str, now: int) -> Sent:
        sent.append(f"/{purpose.value}/{secret}")
        return Sent("", True)

    visitor = pages.visitor()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inviting, "send", send)
        visitor.get("/forgotten")
        visitor.post("/forgotten", 200, email=email)
        pages.jobs.errands.wait(30)
    return sent


def test_the_right_password_leads_in_and_back_to_what_was_asked_for(pages: Pages) -> None:
    pages.add(ADA)
    visitor = pages.visitor()
    there = visitor.get("/people?q=x", status=302).headers["Location"]
    assert there.startswith("/sign-in?next=")
    visitor.get(there)
    assert 'name="next" value="/people?q=x"' in visitor.seen
    back = visitor.post("/sign-in", email=f" {ADA.upper()} ", password=PASSWORD, next="/people?q=x")
    assert back.headers["Location"] == "/people?q=x"
    visitor.get("/people")
    assert pages.gcw("customer", "admin", "list", "--json").json[0]["signed_in_at"]


def test_after_too_many_tries_in_vain_nobody_is_let_in_as_that_person_for_a_while(pages: Pages) -> None:
    pages.add(ADA)
    pages.add("bob@harbor.example")
    visitor = pages.visitor()
    for _ in range(MOST_OF_A_PERSON):
        assert tried(visitor, ADA, "wrong") == 400
    assert tried(visitor, ADA, PASSWORD) == TOO_MANY
    assert "Wait 15 minutes" in visitor.text
    assert tried(pages.visitor(), ADA, PASSWORD, "198.51.100.7") == TOO_MANY, "from wherever"
    assert tried(pages.visitor(), "bob@harbor.example", PASSWORD) == 302, "others are not concerned"
    pages.gcw.offset += WINDOW - 5
    for _ in range(MOST_OF_A_PERSON + 1):
        assert tried(visitor, ADA, PASSWORD) == TOO_MANY
    pages.gcw.offset += 10
    assert tried(visitor, ADA, PASSWORD) == 302, "asking did not make it longer"


def test_a_success_forgets_what_was_tried_in_vain_before(pages: Pages) -> None:
    pages.add(ADA)
    for _ in range(3):
        visitor = pages.visitor()
        for _ in range(MOST_OF_A_PERSON - 1):
            assert tried(visitor, ADA, "wrong") == 400
        assert tried(visitor, ADA, PASSWORD) == 302


def test_who_gets_in_does_not_count_against_their_network(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    pages.add(ADA)
    monkeypatch.setattr(passwords, "fits", lambda kept, given: given == PASSWORD)
    visitor = pages.visitor()
    for _ in range(MOST_OF_AN_ADDRESS + 1):
        assert tried(visitor, ADA, PASSWORD) == 302
        visitor.token = ""
        visitor.client.delete_cookie("gcw")


def test_one_network_may_not_try_everybody(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    pages.add(ADA)
    fits = passwords.fits
    monkeypatch.setattr(passwords, "fits", lambda kept, given: given != "wrong" and fits(kept, given))
    visitor = pages.visitor()
    for number in range(MOST_OF_AN_ADDRESS):
        assert tried(visitor, f"p{number}@harbor.example", "wrong", f"2001:db8::{number:x}") == 400
    assert tried(visitor, ADA, PASSWORD, "2001:db8::ffff") == TOO_MANY, "a network of the newer kind is one"
    assert tried(visitor, ADA, PASSWORD, "2001:db8:0:1::1") == 302
    with pages.portal.database.view() as view:
        marks = {one.mark for one in view.exec(select(Attempt))}
    assert not [one for one in marks if "harbor" in one or "2001" in one], "who tried cannot be read from it"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("", "unix", False),
    ],
)
def test_what_counts_as_one_address(one: str, other: str, same: bool) -> None:
    assert (tries.network(one) == tries.network(other)) is same


def test_of_many_at_once_no_more_get_through_than_may(either_pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    """A password could be guessed by asking for all at the same moment."""
    portal = either_pages.portal
    either_pages.add(ADA)
    looked: list[str] = []
    together = threading.Barrier(12)

    def fits(kept: str, password: str) -> bool:
        looked.append(password)
        return False

    def guess(number: int) -> str:
        together.wait(60)
        try:
            signing_in.sign_in(portal.database, portal.seal, ADA, f"guess {number}", f"192.0.2.{number}", portal.now())
        except GcwError as error:
            return error.code
        return "in"

    monkeypatch.setattr(passwords, "fits", fits)
    with ThreadPoolExecutor(12) as pool:
        ends = list(pool.map(guess, range(12)))
    assert set(ends) <= {"wrong", "too_many"}
    assert len(looked) <= MOST_OF_A_PERSON


def kinds(pages: Pages) -> dict[str, str]:
    """An address of everybody who may not sign in, by why."""
    pages.gcw("customer", "add", "Switched Off", "--storefronts")
    pages.add("off@harbor.example", "Switched Off")
    pages.gcw("customer", "storefronts", "Switched Off", "off")
    pages.add("gone@harbor.example")
    pages.gcw("customer", "admin", "revoke", "gone@harbor.example")
    invited(pages, "new@harbor.example")
    pages.add("real@harbor.example")
    names = {"off": "off", "revoked": "gone", "invited": "new", "wrong": "real", "unknown": "none"}
    return {why: f"{name}@harbor.example" for why, name in names.items()} | {"no address": "no address at all"}


def test_nobody_learns_who_may_sign_in(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither by words nor by status, and as one hash is compared each time, not by how long it takes either."""
    hashed: list[str] = []
    fits = passwords._hasher.verify

    class Hasher:
        def verify(self, kept: str, given: str) -> bool:
            hashed.append(kept)
            return fits(kept, given)

    people_there, seen = kinds(pages), {}
    monkeypatch.setattr(passwords, "_hasher", Hasher())
    for why, email in people_there.items():
        visitor = pages.visitor()
        status = tried(visitor, email, PASSWORD if why != "wrong" else "not the password")
        said = visitor.seen.replace(email, "EMAIL")
        seen[why] = (status, re.sub(r'value="[^"]{40,}"|content="[^"]{40,}"', "", said))
    assert len(set(seen.values())) == 1, seen
    assert len(hashed) == len(people_there)
    assert all(kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$") for kept in hashed), "and all cost the same"


def test_nobody_learns_who_may_sign_in_by_forgetting_a_password(pages: Pages) -> None:
    """What is said is said before anybody is looked for."""
    waiting: list[Callable[[], None]] = []
    people_there, seen = kinds(pages), {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages.jobs.errands, "do", waiting.append)
        for why, email in people_there.items():
            visitor = pages.visitor()
            visitor.get("/forgotten")
            visitor.post("/forgotten", 200, email=email)
            seen[why] = re.sub(r'value="[^"]{40,}"|content="[^"]{40,}"', "", visitor.seen)
    assert len(set(seen.values())) == 1
    assert len(waiting) == len(people_there)
    with pages.portal.database.view() as view:
        assert not view.exec(select(Link).where(Link.purpose == LinkPurpose.PASSWORD)).all()
    assert {why: len(asked(pages, email)) for why, email in people_there.items()} == {
        "off": 0,
        "revoked": 0,
        "invited": 1,
        "wrong": 1,
        "unknown": 0,
        "no address": 0,
    }


def test_a_forgotten_password_is_set_anew_and_ends_every_session(pages: Pages) -> None:
    ada = pages.admin()
    other = pages.visitor().sign_in(ADA)
    for _ in range(MOST_OF_A_PERSON):
        tried(pages.visitor(), ADA, "somebody guesses")
    [first], [path] = asked(pages, ADA), asked(pages, ADA)
    other.get(first, status=400)
    assert "Ask for a new one below" in other.text, "the newer link killed it"
    visitor = pages.visitor()
    visitor.get(path)
    visitor.post(path, password=NEW)
    visitor.get("/stores")
    for one in (ada, other):
        one.get("/stores", status=302)
    assert tried(pages.visitor(), ADA, NEW) == 302, "whoever guessed keeps nobody out"
    assert tried(pages.visitor(), ADA, PASSWORD) == 400
    visitor.get(path, status=400)


def test_nobodys_mailbox_is_filled_from_here(pages: Pages) -> None:
    pages.add(ADA)
    for _ in range(MOST_OF_A_PERSON):
        assert len(asked(pages, ADA)) == 1
    visitor = pages.visitor()
    visitor.get("/forgotten")
    visitor.post("/forgotten", TOO_MANY, email=ADA)
    assert tried(pages.visitor(), ADA, PASSWORD) == 302, "signing in goes on"


def test_the_link_of_a_mail_leads_to_us_whatever_the_request_said(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages.add(ADA)
    sent: list[Message] = []
    monkeypatch.setattr(mail, "send", lambda office, message, *rest, **more: sent.append(message))
    monkeypatch.setattr(Runtime, "post_office", PostOffice("localhost", "prints@printers.example"))
    visitor = pages.visitor()
    visitor.get("/forgotten")
    odd = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Cookie": f"gcw={cookie(visitor)}"}
    fields = {"csrf_token": visitor.token, "email": ADA}
    answer = pages.app.test_client(use_cookies=False).post("/forgotten", data=fields, headers=odd)
    assert answer.status_code == 200
    pages.jobs.errands.wait(30)
    [letter] = sent
    assert f"{pages.portal.public_url}/password/" in letter.text
    assert "evil" not in letter.text + letter.html


def test_a_link_that_somebody_looks_at_still_works(pages: Pages) -> None:
    """Mail scanners open every link."""
    path, scanner = invited(pages), pages.visitor()
    for _ in range(3):
        scanner.get(path)
        assert scanner.client.head(path).status_code == 200
    bob = pages.visitor()
    bob.get(path)
    bob.post(path, 400, password="short")
    bob.post(path, password=NEW)
    bob.get("/stores")
    scanner.get(path, status=400)


def test_of_two_tabs_with_one_link_one_gets_in(either_pages: Pages) -> None:
    portal, secret = either_pages.portal, invited(either_pages).rpartition("/")[2]
    together = threading.Barrier(4)

    def come_in(number: int) -> str:
        together.wait(60)
        try:
            signing_in.accept(
                portal.database, portal.seal, LinkPurpose.INVITATION, secret, f"{NEW} {number}", portal.now()
            )
        except BadInput as error:
            return error.code
        return "in"

    with ThreadPoolExecutor(4) as pool:
        ends = sorted(pool.map(come_in, range(4)))
    assert ends == ["dead_link", "dead_link", "dead_link", "in"]
    with portal.database.view() as view:
        assert len(view.exec(select(Visit)).all()) == 1


def test_a_link_is_for_one_purpose(pages: Pages) -> None:
    pages.add(ADA)
    path = link_for(pages)
    visitor = pages.visitor()
    secret = path.rpartition("/")[2]
    for other in (f"/invitation/{secret}", f"/connect/{secret}", f"/callback?state={secret}&code=x"):
        visitor.get(other, status=400)
    visitor.get(f"/consent/{secret}", status=404)
    visitor.get(path)
    pages.gcw.offset += 3601
    visitor.post(path, 400, password=NEW)
    assert tried(pages.visitor(), ADA, NEW) == 400


@pytest.mark.parametrize(
    "password",
    ["", "short", "aaaaaaaaaaaaaaa", "123456789012", "qwertyuiopas", "password1234!", "Ada@harbor.example",
     "AdaReedAdaReed", "paperharbor2026", "abcdefghijklmnop", "letmeinletmein1", "  x  x  x  x  ", "y" * 201],
)  # fmt: skip
def test_a_password_that_others_would_guess_is_refused(pages: Pages, password: str) -> None:
    pages.add(ADA)
    visitor, path = pages.visitor(), link_for(pages)
    visitor.get(path)
    visitor.post(path, 400, password=password)
    assert "password" in visitor.text
    visitor.get("/stores", status=302)
    assert tried(pages.visitor(), ADA, PASSWORD) == 302, "the one of before still works"


def test_a_password_is_the_same_on_every_keyboard(pages: Pages) -> None:
    pages.add(ADA)
    visitor, path, word = pages.visitor(), link_for(pages), "Zürich café am Mörtelweg"
    visitor.get(path)
    visitor.post(path, password=unicodedata.normalize("NFD", word))
    assert tried(pages.visitor(), ADA, unicodedata.normalize("NFC", word)) == 302


def test_switching_storefronts_off_ends_sessions_and_keeps_the_rest(either_pages: Pages) -> None:
    pages, gcw = either_pages, either_pages.gcw
    order = pages.sandbox.ready_order(SKU)
    gcw("orders", "pull")
    ada, olive, bobs = pages.admin(), pages.operator(), invited(pages)
    ada.get("/stores")
    gcw("customer", "storefronts", "Paper Harbor", "off")
    ada.get("/stores", status=302)
    olive.get("/stores")
    assert "Paper Harbor Prints" in olive.text
    assert [one["status"] for one in gcw("store", "list", "--json").json] == ["connected"]
    assert [one["order"] for one in gcw("orders", "list", "--json").json] == [order]
    assert tried(ada, ADA, PASSWORD) == 400
    bob = pages.visitor()
    bob.get(bobs, status=400)
    assert "switched off" in bob.text
    gcw("customer", "storefronts", "Paper Harbor", "on")
    ada.get("/stores", status=302)  # what was ended does not come back
    ada.sign_in(ADA).get("/stores")
    bob.get(bobs)


def test_who_is_revoked_while_signing_in_is_out(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    pages.add(ADA)
    fits = passwords.fits

    def slow(kept: str, password: str) -> bool:
        pages.gcw("customer", "admin", "revoke", "ada")
        return fits(kept, password)

    monkeypatch.setattr(passwords, "fits", slow)
    assert tried(pages.visitor(), ADA, PASSWORD) == 400
    with pages.portal.database.view() as view:
        assert not view.exec(select(Visit)).all()


def cookie(visitor: Visitor) -> str:
    found = visitor.client.get_cookie("gcw")
    assert found is not None
    return found.value


def with_cookie(pages: Pages, value: str) -> Visitor:
    """Another browser, with what was copied from the first."""
    thief = pages.visitor()
    thief.client.set_cookie("gcw", value)
    return thief


def test_signing_out_leaves_nothing_to_those_who_copied_the_session(pages: Pages) -> None:
    ada, elsewhere = pages.admin(), pages.visitor().sign_in(ADA)
    copied = cookie(ada)
    with_cookie(pages, copied).get("/stores")
    ada.get("/stores")
    ada.post("/sign-out")
    with_cookie(pages, copied).get("/stores", status=302)
    elsewhere.get("/stores")  # one browser is signed out, not the person


def test_a_session_lasts_a_working_day_however_busy(pages: Pages) -> None:
    ada = pages.admin()
    for _ in range(4):
        pages.gcw.offset += visits.LASTS_SECONDS / 4 - 5
        ada.get("/stores")
    pages.gcw.offset += 30
    ada.get("/stores", status=302)
    ada.sign_in(ADA).get("/stores")
    with pages.portal.database.view() as view:
        assert len(view.exec(select(Visit)).all()) == 1, "what is over is forgotten"


def test_a_session_that_was_there_before_is_nobodys_after(pages: Pages) -> None:
    """Whoever planted it would be signed in as well."""
    pages.add(ADA)
    attacker = pages.visitor()
    attacker.get("/sign-in")
    planted, token = cookie(attacker), attacker.token
    victim = with_cookie(pages, planted)
    victim.get("/sign-in")
    victim.post("/sign-in", email=ADA, password=PASSWORD)
    victim.get("/stores")
    assert cookie(victim) != planted
    assert victim.token != token
    with_cookie(pages, planted).get("/stores", status=302)
    victim.token = token
    victim.post("/sign-out", 400)


def test_signing_in_once_more_is_another_session(pages: Pages) -> None:
    ada = pages.admin()
    pages.add("bob@harbor.example", first_name="Bob", last_name="Oak")
    copied = cookie(ada)
    assert ada.get("/sign-in", status=302).headers["Location"] == "/"
    assert ada.get("/sign-in?next=/people", status=302).headers["Location"] == "/people"
    ada.get("/people")
    ada.post("/sign-in", email="bob@harbor.example", password=PASSWORD)
    ada.get("/people")
    assert "Bob Oak (you)" in ada.text
    with_cookie(pages, copied).get("/stores", status=302)
    invitation = invited(pages, "cleo@harbor.example")
    ada.get(invitation)
    assert "You are signed in as Bob Oak" in ada.text


def test_a_form_without_its_token_changes_nothing_and_says_so(pages: Pages) -> None:
    ada, stranger = pages.admin(), pages.visitor()
    for visitor, path in (
        (ada, "/sign-out"),
        (ada, "/people/of/1/invite"),
        (stranger, "/sign-in"),
        (stranger, "/forgotten"),
    ):
        answer = visitor.client.post(path, data={"email": "x@y.example", "csrf_token": "forged"})
        assert answer.status_code == 400
        assert "has been open for too long" in answer.get_data(as_text=True)
    ada.get("/stores")


def test_a_session_that_ended_is_said_to_whoever_asks(pages: Pages) -> None:
    ada = pages.admin()
    ada.get("/people")
    pages.gcw("customer", "admin", "revoke", "ada")
    asked_for_json = ada.client.get("/people", headers={"Accept": "application/json"})
    assert (asked_for_json.status_code, asked_for_json.get_json()["error"]["code"]) == (401, "signed_out")
    answer = ada.post("/people/of/1/invite", email="x@y.example", first_name="", last_name="")
    assert answer.headers["Location"] == "/sign-in", "there is nothing to go back to"
    ada.get("/sign-in")
    assert "Your session is over." in ada.text


def test_letters_that_no_address_has_are_nobody(either_pages: Pages) -> None:
    visitor = either_pages.visitor()
    for odd in ("a\x00@harbor.example", "\x00", "", "ü" * 5000, "a@b\ud7ff.example", "'; drop table person; --"):
        assert tried(visitor, odd, "x\x00y") in (400, TOO_MANY)
        visitor.get("/forgotten")
        visitor.client.post("/forgotten", data={"csrf_token": visitor.token, "email": odd})
    visitor.get("/invitation/%00", status=400)
    visitor.get("/invitation/" + "x" * 5000, status=400)
    either_pages.jobs.errands.wait(30)


def test_nothing_that_leads_in_is_kept_as_it_is(pages: Pages) -> None:
    ada = pages.admin()
    secret = invited(pages).rpartition("/")[2]
    with pages.portal.database.view() as view:
        kept = repr([one.model_dump() for kind in (Person, Link, Visit, Attempt) for one in view.exec(select(kind))])
    assert PASSWORD not in kept
    assert secret not in kept
    with pages.portal.database.view() as view:
        found = visits.whose(view, view.exec(select(Visit)).one().mark, pages.portal.now())
    assert found is None, "the mark is not the secret"
    ada.get("/stores")


def test_an_outdated_hash_is_renewed(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    from argon2 import PasswordHasher

    with pages.portal.database.session() as session:
        owner = customers.find(session, "Paper Harbor")
        act = Act("test", pages.portal.now())
        person, _ = people.invite(session, act, owner, ADA, "", "")
        people.set_password(session, act, person, PasswordHasher(time_cost=1, memory_cost=8192).hash(PASSWORD))
    assert tried(pages.visitor(), ADA, PASSWORD) == 302
    with pages.portal.database.view() as view:
        kept = view.exec(select(Person)).one().password
    assert "m=65536,t=3,p=4" in kept
    assert tried(pages.visitor(), ADA, PASSWORD) == 302
