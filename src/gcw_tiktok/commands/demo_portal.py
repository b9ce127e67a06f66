"""gcw demo --portal: Storefronts Connect on the bundled sandbox, seeded, with a link for each role."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from gcw_tiktok import output
from gcw_tiktok.commands.demo import CUSTOMER, MUG, POSTER, TRACKING, Stage, buy, tie
from gcw_tiktok.commands.foreground import until_told

SECOND, THIRD = "Tidewater Goods", "Empty Easel"
UNTIED = "POSTER-DUNES-18X24-MATTE"
"""What nobody has tied to a product yet: its order is held."""
LATER = "9400100000000000000020"
POLL_SECONDS = "5"


def serve(home: Path, stack: ExitStack, *, as_json: bool) -> None:
    """Seeds everything, then serves until Ctrl-C."""
    from gcw_tiktok.web.callback import free_port

    port = free_port()
    stage = Stage(home, home / "hand-off", quiet=as_json)
    stage.environment["GCW_PUBLIC_URL"] = f"http://localhost:{port}"
    _seed(stage, stack, port)
    links = _people(stage)
    with until_told() as stop:
        words = ("serve", "--port", str(port), "--poll", POLL_SECONDS, "--json")
        served = stage.beside(*words, start_new_session=True)  # Ctrl-C is for us: it ends when we end it
        stack.callback(served.end, 30)
        _say_ready(served.first()["pages"], links, as_json)
        while not stop.wait(1):
            if served.process.poll() is not None:
                raise served.failure()


def _seed(stage: Stage, stack: ExitStack, port: int) -> None:
    """Orders in every stage, for a customer whose products are tied; two more customers, one without a store."""
    tie(stage, stack, port)
    stage.act("4. Orders: shipped, in production, held, and within the buyer's hour")
    shipped, in_work, _ = buy(stage, POSTER, 2, MUG, 1), buy(stage, MUG, 1), buy(stage, UNTIED, 1)
    stage.run("sandbox", "clock", "advance", "61m")
    stage.run("orders", "pull")
    stage.run("orders", "release")
    stage.run("orders", "advance", shipped, "--to", "packaged")
    stage.run("orders", "ship", shipped, "--carrier", "usps", "--tracking", TRACKING)
    stage.run("orders", "advance", in_work, "--to", "printed")
    buy(stage, POSTER, 1)
    stage.run("orders", "pull")
    for name in (SECOND, THIRD):
        stage.run("customer", "add", name, "--storefronts")


def _people(stage: Stage) -> list[dict[str, str]]:
    """Somebody of each role, with the link that leads in."""
    stage.act("People: their links work once, and lead to a password of your choice")
    admin = ("customer", "admin", "add")
    invited = [
        ("an operator, who sees everything", "operator", "add", "olive@prints.example", "Olive", "Press"),
        (f"{CUSTOMER}'s admin, with a store and orders", *admin, CUSTOMER, "ada@harbor.example", "Ada", "Reed"),
        (f"{THIRD}'s admin, who has to connect a shop first", *admin, THIRD, "eve@easel.example", "Eve", "Moss"),
    ]
    return [_invited(stage, *one) for one in invited]


def _invited(stage: Stage, who: str, *words: str) -> dict[str, str]:
    *command, email, first_name, last_name = words
    address = [email] if command[0] == "operator" else ["--email", email]
    told: dict[str, Any] = stage.quietly(*command, *address, "--first-name", first_name, "--last-name", last_name)
    return {"who": who, "email": email, "link": told["link"]}


def _say_ready(pages: str, links: list[dict[str, str]], as_json: bool) -> None:
    if as_json:
        output.line({"pages": pages, "people": links})
        return
    output.heading(f"Storefronts Connect: {pages}")
    for one in links:
        output.note(f"\n{one['who']} ({one['email']})\n  {one['link']}")
    output.note("\nFor the shop of the last one choose Empty Easel Studio on TikTok's page. Ctrl-C ends it.")
