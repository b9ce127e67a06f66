"""gcw demo: the four phases on the bundled sandbox, from nothing. Every step is a real gcw command."""

import json
import os
import shlex
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands import demo_failing
from gcw_tiktok.commands.options import Json
from gcw_tiktok.errors import BadInput, SetupMissing

app = typer.Typer(add_completion=False, help="See the four phases on the bundled sandbox, from nothing.")

CUSTOMER, FACILITY = "Paper Harbor", "Main floor"
POSTER, MUG = "POSTER-HARBOR-18X24-MATTE", "MUG-HARBOR-11OZ-WHITE"
POSTER_UID = "flat_product_pf_18x24-inch_pt_200-gsm-coated-matte_cl_4-0_ver"
TRACKING = "9400100000000000000013"
VISITOR = f"{shlex.quote(sys.executable)} -m gcw_tiktok.sandbox.visitor %s"


@app.command()
def demo(
    home: Annotated[str, typer.Option(help="Keep everything in this new folder, to go on with.", metavar="PATH")] = "",
    portal: Annotated[
        bool, typer.Option("--portal", help="Serve Storefronts Connect instead, with orders in every stage.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Set a customer up, connect its store, take an order in, print it and ship it. No questions."""
    with ExitStack() as stack:
        if portal:
            from gcw_tiktok.commands import demo_portal

            demo_portal.serve(stack.enter_context(_home(home)), stack, as_json=as_json)
            return
        folder = stack.enter_context(_home(home))
        hand_off = folder / "hand-off" if home else Path(tempfile.mkdtemp(prefix="gcw-demo-hand-off-"))
        stage = Stage(folder, hand_off, quiet=as_json)
        order_id = _play(stage, stack)
        told = stage.quietly("orders", "show", order_id)
    output.thing(_summary(told, hand_off, stage.count), as_json=as_json)
    if not as_json:
        _say_next(folder if home else None, order_id)


@dataclass
class Stage:
    """Runs gcw commands in a home of their own and shows each as it is typed."""

    folder: Path
    hand_off: Path
    quiet: bool
    count: int = 0
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        from secrets import token_hex

        kept = {name: value for name, value in os.environ.items() if not name.startswith("GCW_")}
        key_file = self.folder / "secret-key"
        key_file.touch(mode=0o600)
        key_file.write_text(token_hex(32))
        self.environment = {**kept, "GCW_HOME": str(self.folder), "GCW_SECRET_KEY": key_file.read_text()}
        self.environment |= {"BROWSER": VISITOR, "PYTHONUNBUFFERED": "1"}

    def act(self, title: str) -> None:
        if not self.quiet:
            output.heading(title)

    def run(self, *words: str, stdin: str = "") -> None:
        """One command, shown with what it prints. Its failure is ours."""
        if self.quiet:
            self.quietly(*words, stdin=stdin)
            return
        output.command(["gcw", *words], piped=bool(stdin))
        ran = self._run(words, stdin, apart=False)
        if ran.returncode:
            said, failure = demo_failing.of_words(words, ran.returncode, ran.stdout)
            output.quoted(said)
            raise failure
        output.quoted(ran.stdout)

    def quietly(self, *words: str, stdin: str = "") -> Any:
        """What a command says with --json, without showing it. Its failure is ours."""
        ran = self._run((*words, "--json"), stdin, apart=True)
        if ran.returncode:
            raise demo_failing.of_json(words, ran.returncode, ran.stderr)
        return json.loads(ran.stdout)

    def beside(self, *words: str, **more: Any) -> demo_failing.Beside:
        """A command that goes on while others run, and is not shown."""
        return demo_failing.Beside(words, self.typed(*words), self.environment, **more)

    def _run(self, words: tuple[str, ...], stdin: str, *, apart: bool) -> "subprocess.CompletedProcess[str]":
        self.count += 1
        return subprocess.run(  # noqa: S603  our own commands
            self.typed(*words),
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if apart else subprocess.STDOUT,  # in the order in which it was printed
            text=True,
            env=self.environment,
            check=False,
            timeout=120,
        )

    @staticmethod
    def typed(*words: str) -> list[str]:
        return [sys.executable, "-m", "gcw_tiktok", *words]


def _play(stage: Stage, stack: ExitStack) -> str:
    """All four phases; the id of the order that was shipped."""
    from gcw_tiktok.web.callback import free_port

    tie(stage, stack, free_port())
    stage.act("4. An order: taken in, held for the buyer's hour, printed, shipped")
    order_id = buy(stage, POSTER, 2, MUG, 1)
    stage.run("orders", "pull")
    stage.run("orders", "list", "--held")
    stage.run("sandbox", "clock", "advance", "61m")
    stage.run("orders", "pull")
    stage.run("orders", "release")
    stage.run("orders", "advance", order_id, "--to", "packaged")
    stage.run("orders", "ship", order_id, "--carrier", "usps", "--tracking", TRACKING)
    stage.run("orders", "pull")
    stage.run("orders", "list")
    stage.act("What happened")
    return order_id


def buy(stage: Stage, *skus_and_quantities: str | int) -> str:
    """A buyer orders this; TikTok's order id."""
    wanted = zip(skus_and_quantities[::2], skus_and_quantities[1::2], strict=True)
    words = [word for sku, quantity in wanted for word in ("--sku", str(sku), "--quantity", str(quantity))]
    return str(stage.quietly("sandbox", "order", *words)["order_id"])


def tie(stage: Stage, stack: ExitStack, port: int) -> None:
    """The first three phases: a poster and a mug can be ordered, and are tied to what is printed. The sandbox runs for
    as long as the stack; TikTok sends browsers back to this port."""
    stage.act("A pretend TikTok Shop on this machine, and your app for it")
    shop = stack.enter_context(_sandbox(stage, port))
    addresses = ("--api-url", shop["api_url"], "--auth-url", shop["auth_url"], "--authorize-url", shop["authorize_url"])
    app_of_ours = ("--key", shop["app_key"], "--service-id", shop["service_id"], "--port", str(port))
    stage.run("app", "configure", *app_of_ours, *addresses, stdin=shop["app_secret"])

    stage.act("1. Set up: a customer, a facility, what may be ordered")
    stage.run("customer", "add", CUSTOMER, "--reference", "PH-01", "--storefronts")
    stage.run("facility", "add", FACILITY, "--hand-off", f"folder:{stage.hand_off}")
    for catalog in ("wall-art.yaml", "drinkware.yaml"):
        stage.run("catalog", "import", str(examples() / catalog))

    stage.act("2. Connect the store (a small robot clicks Allow on TikTok's page)")
    stage.run("store", "connect", "--customer", CUSTOMER, "--facility", FACILITY)

    stage.act("3. Tie listings to products and designs")
    stage.run("products", "sync", CUSTOMER)
    designs = examples() / "designs"
    poster = str(designs / "harbor-poster-18x24.pdf")
    stage.run("products", "connect", CUSTOMER, POSTER, POSTER_UID, "--design", poster)
    mug_uid = _uid_of(stage, "Harbor Mug", {"size": "11 oz", "color": "white"})
    stage.run("products", "connect", CUSTOMER, MUG, mug_uid, "--design", str(designs / "harbor-mug-wrap.jpg"))


def _uid_of(stage: Stage, product: str, values: dict[str, str]) -> str:
    found = stage.quietly("catalog", "uids", product)
    return next(str(row["uid"]) for row in found if row["values"] == values)


def _summary(told: dict[str, Any], hand_off: Path, commands: int) -> dict[str, Any]:
    folder = hand_off / f"TTS-{told['order']}"
    return {
        "order": told["order"],
        "status_at_tiktok": told["status"],
        "stage": told["stage"],
        "printed": [f"{line['seller_sku']} as {line['product_uid']}" for line in told["lines"]],
        "carrier": told["lines"][0]["carrier"],
        "tracking_number": told["lines"][0]["tracking_number"],
        "hand_off": str(folder),
        "files": sorted(path.name for path in folder.iterdir()),
        "commands": commands,
    }


def _say_next(home: Path | None, order_id: str) -> None:
    output.note("\nLook into the hand-off folder: order.json, the designs and a job ticket to print.")
    if home is None:
        output.note("The rest is gone again. To keep it and go on: gcw demo --home ./gcw-demo")
    else:
        output.note("To go on with it:")
        output.note(f'  export GCW_HOME="{home}" GCW_SECRET_KEY="$(cat "{home / "secret-key"}")"')
        output.note(f"  gcw orders show {order_id}")
    output.note("Your own shop: docs/partner-center.md. A sandbox to play with: gcw sandbox start")


@contextmanager
def _home(wanted: str) -> Iterator[Path]:
    if not wanted:
        with tempfile.TemporaryDirectory(prefix="gcw-demo-") as folder:
            yield Path(folder)
        return
    folder_kept = Path(wanted).expanduser().absolute()
    if folder_kept.exists() and any(folder_kept.iterdir()):
        raise BadInput(f"{folder_kept} is not empty.", "Name a new folder.")
    folder_kept.mkdir(mode=0o700, parents=True, exist_ok=True)
    yield folder_kept


@contextmanager
def _sandbox(stage: Stage, port: int) -> Iterator[dict[str, str]]:
    """The bundled sandbox as a process of its own, ended at the end."""
    redirect = f"http://localhost:{port}/callback"
    words = ("sandbox", "start", "--port", "0", "--orders", "0", "--redirect-url", redirect, "--json")
    if not stage.quiet:
        output.command(["gcw", *words], piped=False)
    shop = stage.beside(*words)
    try:
        yield shop.first()
    finally:
        shop.end(20)


def examples() -> Path:
    """The example catalogs and designs: in the checkout, or where an installation put them."""
    checkout = Path(__file__).parents[3] / "examples"
    schemes = (sysconfig.get_default_scheme(), sysconfig.get_preferred_scheme("user"))
    installed = [Path(sysconfig.get_path("data", scheme)) / "share" / "gcw" / "examples" for scheme in schemes]
    for folder in (checkout, *installed):
        if (folder / "wall-art.yaml").is_file():
            return folder
    raise SetupMissing("The examples that the demo uses are not installed.", "Run it from a checkout of gcw.")
