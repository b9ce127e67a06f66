"""The mails that lead people in."""

from html import escape

from gcw_tiktok.store.tables import LinkPurpose, Person
from gcw_tiktok.workflow.mail import Message
from gcw_tiktok.workflow.people import people

LASTS = {LinkPurpose.INVITATION: "seven days", LinkPurpose.PASSWORD: "one hour"}


def letter(person: Person, purpose: LinkPurpose, address: str, product: str) -> Message:
    """The mail with the link."""
    name = people.name_of(person)
    if purpose == LinkPurpose.INVITATION:
        subject, button = f"Your access to {product}", "Choose a password"
        body = [
            f"you are invited to {product}: connect your TikTok Shop, tie your listings to products, "
            "and follow your orders.",
            f"The link works once, for {LASTS[purpose]}.",
        ]
    else:
        subject, button = f"A new password for {product}", "Choose a new password"
        body = [
            "somebody, you we hope, asked for a new password.",
            f"The link works once, for {LASTS[purpose]}. If it was not you, leave it: nothing changes.",
        ]
    text = "\n\n".join([f"Hello {name},", *body, f"{button}:\n{address}"]) + "\n"
    return Message(person.email, subject, text, _html(name, body, button, address))


def _html(name: str, body: list[str], button: str, address: str) -> str:
    paragraphs = "".join(f'<p style="margin:0 0 16px">{escape(one)}</p>' for one in body)
    link = escape(address, quote=True)
    return (
        '<!doctype html><html lang="en"><body style="margin:0;padding:24px;background:#f6f4ef;color:#16202a;'
        'font:16px/1.5 system-ui,-apple-system,Segoe UI,Roboto,sans-serif">'
        '<div style="max-width:32rem;margin:0 auto;padding:32px;background:#fff;border:1px solid #e4e0d7;'
        'border-radius:12px">'
        f'<p style="margin:0 0 16px">Hello {escape(name)},</p>{paragraphs}'
        f'<p style="margin:24px 0"><a href="{link}" style="display:inline-block;padding:12px 20px;'
        f'background:#17715a;color:#fff;border-radius:8px;text-decoration:none;font-weight:600">{escape(button)}</a></p>'
        f'<p style="margin:0;color:#5b646d;font-size:14px;overflow-wrap:anywhere">Or open this address: {link}</p>'
        "</div></body></html>"
    )
