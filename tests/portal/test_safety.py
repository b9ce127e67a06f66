"""What browsers are told, and what they are not given."""

import re

from portal.visit import Pages


def test_every_answer_says_what_browsers_may_do(pages: Pages) -> None:
    admin = pages.admin()
    for path in ("/stores", "/sign-in", "/no-such-page", "/static/portal.css"):
        headers = admin.client.get(path, buffered=True).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy, "no inline script or style"
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"


def test_pages_are_kept_by_nobody_and_files_of_ours_may_be(pages: Pages) -> None:
    admin = pages.admin()
    assert admin.client.get("/stores").headers["Cache-Control"] == "no-store"
    assert "no-store" not in admin.client.get("/static/portal.css", buffered=True).headers.get("Cache-Control", "")


def test_the_session_is_for_the_server_only(pages: Pages) -> None:
    cookie = pages.admin().client.get("/stores").headers.get("Set-Cookie", "")
    fresh = pages.visitor().client.get("/sign-in").headers["Set-Cookie"]
    for one in filter(None, (cookie, fresh)):
        assert "HttpOnly" in one
        assert "SameSite=Lax" in one


def test_no_template_writes_what_came_from_outside_unescaped() -> None:
    from gcw_tiktok.web.portal.app import HERE

    for path in (HERE / "templates").rglob("*.html"):
        text = path.read_text()
        assert "|safe" not in text.replace(" ", ""), path
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), path
        assert not re.search(r"\sstyle=|\son\w+=", text), path


def test_a_title_from_tiktok_is_text(pages: Pages) -> None:
    from sqlmodel import select

    from gcw_tiktok.store.tables import Store

    with pages.portal.database.session() as session:
        store = session.exec(select(Store)).one()
        store.name = "<script>alert(1)</script>"
        session.add(store)
    admin = pages.admin()
    admin.get("/stores")
    assert "<script>alert" not in admin.seen
    assert "&lt;script&gt;alert(1)" in admin.seen
