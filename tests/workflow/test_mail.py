"""Mail: sent whole through a checked server, once, and with every failure in words."""

import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from conftest import Gcw
from gcw_tiktok.errors import BadInput, GcwError, Refused, TryAgain
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import OutboxEntry
from gcw_tiktok.workflow import mail
from gcw_tiktok.workflow.mail import Attachment, Message, PostOffice
from postbox import PASSWORD, USER, Postbox, Server, certificate

NOW = 1_790_000_000
HELLO = Message("ada@example.com", "Your import", "3 rows failed.")


@pytest.fixture
def box() -> Iterator[Postbox]:
    """A server that takes everything, unprotected."""
    with Server(Postbox()) as box:
        yield box


def office(box: Postbox, **more: str) -> PostOffice:
    given = {"security": "none"} | more
    return PostOffice("localhost", "Main Floor <prints@example.com>", box.port, **given)  # type: ignore[arg-type]


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made))
    return made


def test_a_mail_arrives_whole(box: Postbox) -> None:
    rows = Attachment("result — 1.csv", "sku,why\r\nMUG,zu groß 🚢\r\n".encode(), "text/csv")
    sent = Message(
        "ada@example.com", "Ihr Import: 3 von 5 Zeilen — bitte ansehen 🖨", "Text mit ü.\n.\nEnde", "<p>ü</p>", (rows,)
    )
    mail.send(office(box), sent, NOW)
    [arrived] = box.mails
    assert arrived["subject"] == sent.subject
    assert (arrived["from"], arrived["to"]) == ("Main Floor <prints@example.com>", "ada@example.com")
    assert arrived["date"].datetime.timestamp() == NOW
    assert arrived["auto-submitted"] == "auto-generated"
    text, html = arrived.get_body(["plain"]), arrived.get_body(["html"])
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n") == "Text mit ü.\n.\nEnde\n"
    assert "<p>ü</p>" in html.get_content()
    [attached] = arrived.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == ("result — 1.csv", "text/csv")
    assert attached.get_payload(decode=True) == rows.content
    assert box.recipients == ["ada@example.com"]


@pytest.mark.parametrize("tls", [False, True])
def test_it_is_protected_and_signed_in(trusted: Path, tls: bool) -> None:
    with Server(Postbox(), trusted, tls=tls, auth=True) as box:
        mail.send(office(box, security="tls" if tls else "starttls", user=USER, password=PASSWORD), HELLO, NOW)
    assert box.signed_in == [USER]
    assert box.protected == [True]


@pytest.mark.parametrize("tls", [False, True])
def test_a_certificate_of_nobody_known_is_refused(tmp_path: Path, tls: bool) -> None:
    with Server(Postbox(), certificate(tmp_path), tls=tls, auth=True) as box:
        sender = office(box, security="tls" if tls else "starttls", user=USER, password=PASSWORD)
        with pytest.raises(BadInput, match=r"certificate of localhost:\d+ is not valid: self-signed"):
            mail.send(sender, HELLO, NOW)
    assert box.signed_in == box.mails == []


def test_a_certificate_of_another_host_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = certificate(tmp_path, "other.example.com")
    monkeypatch.setenv("SSL_CERT_FILE", str(made))
    with Server(Postbox(), made) as box, pytest.raises(BadInput, match=r"not valid: Hostname mismatch"):
        mail.send(office(box, security="starttls"), HELLO, NOW)
    assert box.mails == []


def test_what_the_server_cannot_do_is_not_left_out(box: Postbox) -> None:
    with pytest.raises(Refused, match="cannot do what is asked: STARTTLS"):
        mail.send(office(box, security="starttls"), HELLO, NOW)
    with pytest.raises(BadInput, match="does not speak TLS"):
        mail.send(office(box, security="tls"), HELLO, NOW)
    assert box.mails == []


def test_a_password_never_leaves_unprotected() -> None:
    far = PostOffice("mail.example.com", "prints@example.com", 25, "none", USER, PASSWORD)
    with pytest.raises(BadInput, match="unprotected connection"):
        mail.send(far, HELLO, NOW)
    assert PASSWORD not in repr(far)
    with pytest.raises(BadInput, match="plain letters only"):
        mail.send(replace(far, security="tls", password="zu groß"), HELLO, NOW)


def test_a_wrong_password_is_told(trusted: Path) -> None:
    with Server(Postbox(), trusted, auth=True) as box, pytest.raises(Refused, match="user name or password") as failure:
        mail.send(office(box, security="starttls", user=USER, password="wrong"), HELLO, NOW)
    assert "gcw config mail --user" in failure.value.hint
    assert "wrong" not in str(failure.value)


@pytest.mark.parametrize("command", ["RCPT", "DATA", "AFTER"])
@pytest.mark.parametrize(("code", "kind"), [("550", Refused), ("451", TryAgain)])
def test_a_server_that_says_no_is_understood(box: Postbox, command: str, code: str, kind: type[GcwError]) -> None:
    box.refuse = {command: f"{code} not\x1b[31m today"}
    with pytest.raises(kind, match=f"{code} not") as failure:
        mail.send(office(box), HELLO, NOW)
    assert "\x1b" not in str(failure.value)


def test_a_server_that_is_not_there_may_be_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(TryAgain, match="does not answer as it should") as failure:
        mail.send(PostOffice("127.0.0.1", "a@example.com", port, "none"), HELLO, NOW)
    assert failure.value.exit_code == 6
    with pytest.raises(TryAgain, match="cannot be looked up"):
        mail.send(PostOffice("no-such-host.invalid", "a@example.com", port, "none"), HELLO, NOW)


@pytest.mark.parametrize("greeting", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_what_answers_in_another_language_is_no_mail_server(greeting: bytes) -> None:
    def answer(server: socket.socket) -> None:
        connection, _ = server.accept()
        connection.sendall(greeting)
        connection.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=answer, args=[server], daemon=True).start()
        with pytest.raises(GcwError):
            mail.send(PostOffice("127.0.0.1", "a@example.com", server.getsockname()[1], "none"), HELLO, NOW)


def test_a_server_that_never_answers_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "TIMEOUT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(TryAgain, match="timed out"):
        mail.send(PostOffice("127.0.0.1", "a@example.com", silent.getsockname()[1], "none"), HELLO, NOW)


@pytest.mark.parametrize(
    "address",
    ["", "ada", "ada@", "@example.com", "a b@example.com", "ada@example.com\r\nBcc: eve@example.com",
     "ada@example.com, eve@example.com", "Ada <ada@example.com>", "ädä@example.com", "a@b..c", "a@" + "x" * 300],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(BadInput):
        mail.compose(PostOffice("localhost", "prints@example.com"), replace(HELLO, to=address), NOW)


def test_a_domain_may_have_letters_of_any_language() -> None:
    sent = mail.compose(PostOffice("localhost", "prints@example.com"), replace(HELLO, to="ada@bücher.example"), NOW)
    assert sent["to"] == "ada@xn--bcher-kva.example"


ANY = st.text(max_size=60)


@given(name=ANY, subject=ANY, text=ANY, html=ANY, file=ANY, content=st.binary(max_size=60))
def test_nothing_that_people_wrote_becomes_a_field_of_its_own(
    name: str, subject: str, text: str, html: str, file: str, content: bytes
) -> None:
    text, html = (words.encode(errors="ignore").decode() for words in (text, html))
    sender = PostOffice("localhost", "prints@example.com")
    plain = mail.compose(sender, replace(HELLO, html="<p>", attachments=(Attachment("a.csv", b""),)), NOW)
    sent = Message(
        "ada@example.com", subject + "\r\nBcc: eve@example.com", text, html or "<p>", (Attachment(file, content),)
    )
    name = "".join(letter for letter in name if letter not in '<>"\\')
    post = mail.compose(replace(sender, sender=f'"{name}" <prints@example.com>'), sent, NOW)
    arrived = message_from_bytes(post.as_bytes(), policy=default)
    assert sorted(arrived.keys()) == sorted(plain.keys())
    assert arrived["from"].addresses[0].addr_spec == "prints@example.com"
    [attached] = [part for part in arrived.walk() if part.get_content_disposition() == "attachment"]
    assert attached.get_payload(decode=True) == content


class TestOnce:
    def test_a_mail_goes_out_once_however_often_it_is_asked_for(self, box: Postbox, database: Database) -> None:
        assert mail.send_once(database, office(box), HELLO, "bulk 1", NOW)
        assert not mail.send_once(database, office(box), HELLO, "bulk 1", NOW + 5)
        assert mail.send_once(database, office(box), HELLO, "bulk 2", NOW)
        assert len(box.mails) == 2
        assert len({one["message-id"] for one in box.mails}) == 2

    def test_what_was_refused_is_sent_by_the_next_run_as_the_same_mail(self, box: Postbox, database: Database) -> None:
        box.refuse = {"AFTER": "451 later"}  # it has the mail, and says no: the outcome is unknown to us
        with pytest.raises(TryAgain):
            mail.send_once(database, office(box), HELLO, "bulk 1", NOW)
        box.refuse = {}
        assert mail.send_once(database, office(box), HELLO, "bulk 1", NOW + 60)
        first, second = box.mails
        assert first["message-id"] == second["message-id"]

    def test_two_at_once_send_one(self, box: Postbox, database: Database) -> None:
        sent: list[bool] = []
        threads = [
            threading.Thread(target=lambda: sent.append(mail.send_once(database, office(box), HELLO, "bulk 1", NOW)))
            for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert sorted(sent) == [False, False, True]
        assert len(box.mails) == 1

    def test_the_outbox_knows_neither_words_nor_addresses(self, box: Postbox, database: Database) -> None:
        box.refuse = {"RCPT": "550 no ada@example.com here"}
        with pytest.raises(Refused):
            mail.send_once(database, office(box), HELLO, "for ada@example.com", NOW)
        with database.view() as session:
            [entry] = session.exec(select(OutboxEntry))
        assert (entry.kind, entry.order_pk, entry.tries, entry.trouble) == ("mail", None, 1, "refused")
        assert "ada" not in str(entry)


class TestCommand:
    def test_it_is_set_and_tried(self, gcw: Gcw, trusted: Path, home: Path) -> None:
        with Server(Postbox(), trusted, auth=True) as box:
            told = gcw(
                "config", "mail", "--host", "localhost", "--port", str(box.port), "--user", USER,
                "--from", "Main Floor <prints@example.com>", "--test", "ada@example.com", "--json", stdin=PASSWORD,
            )  # fmt: skip
        assert told.json["sent_to"] == "ada@example.com"
        assert "sends" in box.mails[0].get_content() or "sent by" in box.mails[0].get_content()
        assert PASSWORD not in told.stdout + told.stderr
        for path in home.rglob("*"):
            assert path.is_dir() or PASSWORD.encode() not in path.read_bytes()
        shown = gcw("config", "show", "--json").json
        assert (shown["smtp_host"], shown["smtp_password"]) == ("localhost", "")

    def test_the_password_may_come_from_the_environment(
        self, gcw: Gcw, trusted: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GCW_SMTP_PASSWORD", PASSWORD)
        with Server(Postbox(), trusted, auth=True) as box:
            gcw(
                "config",
                "mail",
                "--host",
                "localhost",
                "--port",
                str(box.port),
                "--user",
                USER,
                "--from",
                "a@b.example",
            )
            gcw("config", "mail", "--test", "ada@example.com")
        assert len(box.mails) == 1

    def test_without_settings_the_next_command_is_named(self, gcw: Gcw, monkeypatch: pytest.MonkeyPatch) -> None:
        ran = gcw.fails(3, "config", "mail", "--test", "ada@example.com", "--json")
        assert "gcw config mail --host" in ran.error["hint"]
        monkeypatch.setenv("GCW_SMTP_HOST", "localhost")
        monkeypatch.setenv("GCW_SMTP_FROM", "a@b.example")
        monkeypatch.setenv("GCW_SMTP_USER", USER)
        assert "password" in gcw.fails(3, "config", "mail", "--test", "ada@example.com", "--json").error["message"]
        assert gcw("config", "mail", "--json").json["host"] == "localhost"

    def test_a_password_has_no_place_in_a_file(self, gcw: Gcw, home: Path) -> None:
        (home / "profiles" / "default" / "config.toml").write_text(f'smtp_password = "{PASSWORD}"')
        ran = gcw.fails(4, "config", "show", "--json")
        assert "secrets do not belong in a file" in ran.error["message"]
        assert PASSWORD not in ran.stderr

    def test_a_user_without_a_password_is_told_how_to_give_it(self, gcw: Gcw) -> None:
        assert "stdin" in gcw.fails(2, "config", "mail", "--user", USER, "--json").error["hint"]


def test_the_test_certificate_is_worth_something(tmp_path: Path) -> None:
    """Else the tests above would pass for any."""
    made = certificate(tmp_path)
    assert ssl.create_default_context(cafile=str(made)).verify_mode == ssl.CERT_REQUIRED
