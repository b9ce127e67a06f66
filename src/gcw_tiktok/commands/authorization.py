"""The conversation of `gcw store connect`: with the operator, the shop owner's browser and TikTok."""

import shlex
import sys
import threading
import webbrowser
from collections.abc import Sequence

from gcw_tiktok import output
from gcw_tiktok.commands.options import act
from gcw_tiktok.errors import GcwError, Usage
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.store.tables import Customer, Facility, Store
from gcw_tiktok.tiktok.shops import SCOPES, Shop
from gcw_tiktok.web.callback import Listener, Page
from gcw_tiktok.workflow import connecting
from gcw_tiktok.workflow.connecting import Offer


def resume(gcw: Runtime, shop: str, customer: Customer, facility: Facility) -> Store:
    """Connects a shop with the newest permission that was given."""
    return _settle(gcw, connecting.resume(gcw.reach), shop, customer, facility)


def authorize(
    gcw: Runtime, shop: str, customer: Customer, facility: Facility, *, browser: bool, port: int, wait: int
) -> Store:
    """Connects a shop with a permission that its owner gives now."""
    parts = gcw.reach  # what is missing shows itself before anybody is asked
    state = connecting.new_state()
    address = connecting.authorize_address(gcw.app, state)
    with Listener(port) as listener:
        _explain(customer.name, address)
        listener.read_from(sys.stdin)
        if browser:
            threading.Thread(target=_open, args=(address,), name="browser", daemon=True).start()
        output.note(f"Waiting for an answer at {listener.address} (Ctrl-C to give up).")
        answer = listener.wait(wait)
        try:
            store = _settle(gcw, connecting.redeem(parts, answer, state), shop, customer, facility)
        except GcwError as error:
            listener.tell(Page(False, "Not connected", f"{error} {error.hint}"))
            raise
        listener.tell(Page(True, f"{store.name} is connected", "Go back to the terminal. Next:", next_command(store)))
    return store


def next_command(store: Store) -> str:
    """What to type once a store is connected."""
    return f"gcw products sync {shlex.quote(store.name)}"


def _settle(gcw: Runtime, offer: Offer, shop: str, customer: Customer, facility: Facility) -> Store:
    ask = _ask_which if sys.stdin and gcw.may_ask else None  # a scheduler may give no stdin at all
    store = connecting.settle(gcw.reach, act(gcw), offer, shop, customer, facility, ask)
    for finding in connecting.findings(gcw.reach, offer, store):
        output.warning(finding)
    return store


def _explain(customer: str, address: str) -> None:
    output.heading(f"Connect {customer}'s TikTok Shop")
    output.note("TikTok will ask the shop's owner to allow:")
    for name, why in SCOPES.values():
        output.note(f"  {name} - {why}")
    output.note(f"\nThe page: {address}")
    output.note("Should the browser not come back here, paste the address it ends on, or the code in it:")


def _open(address: str) -> None:
    """In a thread of its own: some browsers only return when they are closed."""
    if not webbrowser.open(address):
        output.warning("No browser could be opened here. Open the page yourself, on any machine.")


def _ask_which(shops: Sequence[Shop]) -> Shop:
    for number, shop in enumerate(shops, 1):
        output.note(f"  {number}. {shop.name} ({shop.code})")
    wanted = output.ask("Which shop? Its number")
    if not wanted.isdecimal() or not 1 <= int(wanted) <= len(shops):
        raise Usage(f"There is no shop number {wanted}.", "Run the same command with --resume: it asks again.")
    return shops[int(wanted) - 1]
