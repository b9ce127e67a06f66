"""The mails that lead people in."""

from dataclasses import dataclass
from html import escape

from gcw_tiktok.store.tables import Customer, LinkPurpose, Person
from gcw_tiktok.workflow.mail import Message
from gcw_tiktok.workflow.people import people


@dataclass(frozen=True)
class Letter:
    """What a mail says, with one button."""

    subject: str
    body: tuple[str, ...]
    button: str
    small: str
    """What stands below, for who wonders."""


def to_person(person: Person, customer: Customer | None, purpose: LinkPurpose, address: str, product: str) -> Message:
    """The mail with an invitation, or with the link to a new password."""
    written = _new_password(product) if purpose == LinkPurpose.PASSWORD else _invitation(person, customer, product)
    name = people.name_of(person)
    return _message(person.email, "Hello," if name == person.email else f"Hello {name},", written, address)


def to_owner(email: str, customer: Customer, address: str) -> Message:
    """The mail by which a shop's owner without an account connects it."""
    written = Letter(
        f"Connect your TikTok Shop for {customer.name}",
        (
            f"To make and ship the orders of {customer.name}, your print provider needs your permission at TikTok.",
            "It takes two clicks: open the page below and choose Connect TikTok Shop, then allow it on TikTok's page. "
            "You have to be signed in to TikTok as the owner of the shop.",
        ),
        "Connect TikTok Shop",
        "The link works once, for seven days. You need no account. If you expect no such mail, leave it: "
        "nothing is connected.",
    )
    return _message(email, "Hello,", written, address)


def _invitation(person: Person, customer: Customer | None, product: str) -> Letter:
    if customer is None:
        what = f"You may now sign in to {product}, and see the stores, products and orders of all customers."
    else:
        what = (
            f"You may now sign in to {product} for {customer.name}: connect your TikTok Shop, choose what your "
            "products are printed as, and follow your orders to the door."
        )
    small = "The link works once, for seven days. If you expect no such mail, leave it: nothing happens."
    return Letter(
        f"Your access to {product}",
        (what, f"You sign in with {person.email} and a password that you choose now."),
        "Choose a password",
        small,
    )


def _new_password(product: str) -> Letter:
    return Letter(
        f"A new password for {product}",
        (f"Somebody, you we hope, asked for a new password for {product}.",),
        "Choose a new password",
        "The link works once, for one hour. If it was not you, leave it: your password stays as it is.",
    )


def _message(to: str, hello: str, letter: Letter, address: str) -> Message:
    text = "\n\n".join([hello, *letter.body, f"{letter.button}:\n{address}", letter.small]) + "\n"
    return Message(to, letter.subject, text, _html(hello, letter, address))


FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"


def _html(hello: str, letter: Letter, address: str) -> str:
    """Tables and inline styles, because mail programs know little else."""
    paragraphs = "".join(
        f'<p style="margin:0 0 16px;{FONT};font-size:16px;line-height:24px;color:#16202a">{escape(one)}</p>'
        for one in (hello, *letter.body)
    )
    link = escape(address, quote=True)
    small = f"margin:0 0 12px;{FONT};font-size:14px;line-height:20px;color:#55606a"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(letter.subject)}</title></head>"
        '<body style="margin:0;padding:0;background:#f6f4ef">'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" bgcolor="#f6f4ef">'
        '<tr><td align="center" style="padding:24px 12px">'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" bgcolor="#ffffff" '
        'style="max-width:520px;border:1px solid #e0dbd0;border-radius:12px">'
        f'<tr><td style="padding:32px 28px 20px">{paragraphs}'
        '<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:8px 0 24px"><tr>'
        '<td bgcolor="#17715a" style="border-radius:8px">'
        f'<a href="{link}" style="display:inline-block;padding:12px 22px;{FONT};font-size:16px;font-weight:600;'
        f'line-height:24px;color:#ffffff;text-decoration:none">{escape(letter.button)}</a></td></tr></table>'
        f'<p style="{small}">{escape(letter.small)}</p>'
        f'<p style="{small}">If the button does nothing, copy this address into your browser:<br>'
        f'<a href="{link}" style="color:#0f6350;word-break:break-all">{link}</a></p>'
        "</td></tr></table></td></tr></table></body></html>"
    )
