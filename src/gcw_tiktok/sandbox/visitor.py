"""A browser of a few lines that clicks Allow: `python -m gcw_tiktok.sandbox.visitor URL [--seller NAME] [--deny]`.

Set BROWSER to it and an authorization needs no person. It knows the sandbox's consent page and nothing else.
"""

import argparse
import sys
from html.parser import HTMLParser
from urllib.error import URLError
from urllib.parse import urlencode, urljoin
from urllib.request import Request, urlopen

PATIENCE = 30


class Form(HTMLParser):
    """Reads the page's form: where it goes, and the sellers to choose from."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.sellers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.action = given.get("action") or ""
        elif tag == "input" and given.get("name") == "seller":
            self.sellers.append(given.get("value") or "")


def visit(url: str, seller: str = "", deny: bool = False) -> str:
    """Answers the consent page and follows the redirect; gives the address where it ended."""
    with urlopen(_web(url), timeout=PATIENCE) as page:  # noqa: S310 - only http and https get here
        form = Form()
        form.feed(page.read().decode())
    if not form.sellers:
        raise ValueError("This is not the sandbox's consent page.")
    answer = {"seller": seller or form.sellers[0], "decision": "deny" if deny else "allow"}
    target = Request(_web(urljoin(url, form.action)), urlencode(answer).encode(), method="POST")  # noqa: S310
    with urlopen(target, timeout=PATIENCE) as landing:  # noqa: S310 - only http and https get here
        return str(landing.url)


def _web(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"Not a web address: {url}")
    return url


def main(arguments: list[str] | None = None) -> int:
    """The exit status: 0 when the answer was given and taken."""
    parser = argparse.ArgumentParser(description="Answers the sandbox's consent page.")
    parser.add_argument("url")
    parser.add_argument("--seller", default="", help="handle of the seller; the first one by default")
    parser.add_argument("--deny", action="store_true", help="refuse")
    given = parser.parse_args(arguments)
    try:
        visit(given.url, given.seller, given.deny)
    except (ValueError, URLError) as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
