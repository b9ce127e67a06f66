"""Leads a test order the way that every order goes, and looks at it from step to step."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from sqlmodel import Session, select

from gcw_tiktok.errors import GcwError, TryAgain
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.leases import lease
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import Hold, HoldReason, Order, Stage, Store
from gcw_tiktok.store.tables.stages import IN_WORK, OPEN
from gcw_tiktok.tiktok.client import Client
from gcw_tiktok.workflow.cancelling import cancelling
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.orders import intake, release
from gcw_tiktok.workflow.orders import means as orders
from gcw_tiktok.workflow.orders.desk import tiktok_time
from gcw_tiktok.workflow.orders.gate import FAILED, HELD
from gcw_tiktok.workflow.production import production
from gcw_tiktok.workflow.shipping import labelling, leaving, shipping
from gcw_tiktok.workflow.shipping.labels import Wish
from gcw_tiktok.workflow.trying import proving, trials
from gcw_tiktok.workflow.trying.proving import FAIL, WAITING, Check
from gcw_tiktok.workflow.trying.trials import Part, Trial, Wanted

PAUSE = 5
"""Seconds between two looks."""
MOST_ROUNDS = 30
"""Steps that follow each other without a pause; a test has fewer."""
CARRIER = "USPS"
STEPS = (Stage.IN_PRODUCTION, Stage.PRINTED, Stage.PACKAGED)


class Buyer(Protocol):
    """Somebody who can buy at a sandbox. On a live shop there is none: a person buys."""

    def buy(self, wanted: Wanted, message: str) -> str:
        """Buys one; TikTok's order id."""

    def end_hold(self, order_id: str) -> None:
        """The hour is over in which a buyer may cancel freely."""

    def ask_to_cancel(self, order_id: str) -> None: ...


@dataclass(frozen=True)
class Means:
    """What it takes to try."""

    database: Database
    client: Client
    seal: Seal
    store: Store
    act: Callable[[], Act]
    designs: Path
    running: Path
    folder: Path
    """Where test orders are handed over."""
    sleep: Callable[[float], None]
    buyer: Buyer | None = None
    choose: Callable[[Trial, Sequence[str]], str] = lambda trial, found: ""
    """Asks a person which of these orders was bought for the test; nothing where nobody says."""
    approve: bool = True

    def at_work(self) -> orders.Means:
        """What it takes to work on an order, now."""
        return orders.Means(self.database, self.client, self.seal, self.store, self.act())


@dataclass(frozen=True)
class Step:
    """What one look led to."""

    went_on: bool = False
    trouble: str = ""
    command: str = ""


def run(means: Means, wanted: Sequence[Trial], wait: int) -> list[Check]:
    """Goes on with these tests until all of their checks pass, one fails, or nothing happens for `wait` seconds."""
    left, rounds = wait, 0
    while True:
        steps = [_go_on(means, _fresh(means, trial)) for trial in wanted]
        checks = _checks(means, wanted, steps)
        if any(one.result == FAIL for one in checks) or not any(one.result == WAITING for one in checks):
            return checks
        rounds += 1
        if any(step.went_on for step in steps) and rounds < MOST_ROUNDS:
            continue
        if left <= 0:
            return checks
        means.sleep(min(PAUSE, left))
        left -= PAUSE


def _fresh(means: Means, trial: Trial) -> Trial:
    with means.database.view() as session:
        return trials.open_trial(session, means.store, trial.part) or trial


def _checks(means: Means, wanted: Sequence[Trial], steps: Sequence[Step]) -> list[Check]:
    found: list[Check] = []
    for trial, step in zip([_fresh(means, one) for one in wanted], steps, strict=True):
        with means.database.view() as session:
            if trial.order_id:
                found += proving.prove(session, means.store, trial, step.trouble, step.command)
            else:
                found += proving.not_bought(means.store, trial, *_what_to_do(session, means.store, trial, step))
    return found


def _what_to_do(session: Session, store: Store, trial: Trial, step: Step) -> tuple[str, str, str]:
    if step.trouble:
        return step.trouble, step.command, FAIL
    name = f'gcw orders test "{store.name}"' + (" --cancel" if trial.part == Part.CANCEL else "")
    fits = trials.fitting(session, store, trial)
    if fits:
        return f"Is it yours? {', '.join(fits)}", f"{name} --order {fits[0]}", WAITING
    what = trial.wanted.seller_sku or trial.wanted.sku_id
    return f"Buy one {what} in {store.name}; it is not here yet.", f"{name} --order ID", WAITING


def begin(means: Means, part: Part, sku: str = "") -> Trial:
    """The test of this part that is under way, or a new one."""
    with means.database.view() as session:
        known = trials.open_trial(session, means.store, part)
        if known:
            return known
        wanted = trials.something_to_buy(session, means.store, sku)
    intake.pull(means.database, means.client, means.seal, means.store, means.act())  # and learns TikTok's time
    now = tiktok_time(means.client, means.act())
    return trials.begin(
        means.database, means.store, means.act(), part, wanted, by_gcw=means.buyer is not None, tiktok_now=now
    )


def _go_on(means: Means, trial: Trial) -> Step:
    try:
        if not trial.order_id:
            return _buy(means, trial) if trial.by_gcw else _find(means, trial)
        _read(means, trial)
        return _through(means, trial) if trial.part == Part.THROUGH else _cancel(means, trial)
    except TryAgain as error:
        hint = "Run it again: it goes on with the same test order."
        raise TryAgain(str(error), hint, request_id=error.request_id) from error
    except GcwError as error:
        return Step(trouble=str(error), command=error.hint)


def _read(means: Means, trial: Trial) -> None:
    intake.fetch(means.database, means.client, means.seal, means.store, means.act(), [trial.order_id])


def _buy(means: Means, trial: Trial) -> Step:
    """Looks first for what an earlier run has bought: the buyer's message tells it."""
    if means.buyer is None:
        return Step(trouble="It was begun at a sandbox, which this is not.", command="Begin another one with --new.")
    with lease(means.database, trial.key, means.act().now, sleep=means.sleep):
        intake.pull(means.database, means.client, means.seal, means.store, means.act())
        known = _fresh(means, trial)
        if not known.order_id:
            order_id = means.buyer.buy(trial.wanted, trial.message)
            _read(means, replace(known, order_id=order_id))
    if not _fresh(means, trial).order_id:
        return Step(trouble="What was bought does not arrive with its message.", command="gcw orders pull")
    return Step(went_on=True)


def _find(means: Means, trial: Trial) -> Step:
    """Waits for what a person buys, and asks whether it is that."""
    intake.pull(means.database, means.client, means.seal, means.store, means.act())
    with means.database.view() as session:
        found = trials.fitting(session, means.store, trial)
    chosen = means.choose(trial, found) if found else ""
    if chosen:
        trials.adopt(means.database, means.store, means.act(), trial, chosen)
    return Step(went_on=bool(chosen))


def _through(means: Means, trial: Trial) -> Step:
    order, reasons = _order(means, trial)
    if order is None:
        return Step()
    if means.buyer and reasons & {HoldReason.TIKTOK_ON_HOLD} and order.status == "ON_HOLD":
        means.buyer.end_hold(order.order_id)
        return Step(went_on=True)
    if order.stage in OPEN and not reasons:
        return _release(means, order)
    if order.stage in IN_WORK and order.stage != Stage.PACKAGED:
        return _make(means, order)
    if order.stage == Stage.PACKAGED and means.buyer and not reasons:
        if leaving.by_tiktok(order):
            return _label(means, order)
        number = _number(order.order_id)
        shipping.ship(means.at_work(), order.order_id, carrier=CARRIER, tracking_number=number)
        return Step(went_on=True)
    return Step()


def _label(means: Means, order: Order) -> Step:
    """Buys TikTok's label for it, at the sandbox, and puts it into its folder."""
    found = labelling.label(means.at_work(), [order.order_id], Wish(alone=True), Stage.PACKAGED, named=True)
    for one in found:
        if one.error:
            raise one.error
    return Step(went_on=any(one.result == labelling.BOUGHT for one in found))


def _order(means: Means, trial: Trial) -> tuple[Order | None, set[HoldReason]]:
    with means.database.view() as session:
        query = select(Order).where(Order.store_id == means.store.id, Order.order_id == trial.order_id)
        order = session.exec(query).first()
        if order is None:
            return None, set()
        return order, {hold.reason for hold in session.exec(select(Hold).where(Hold.order_pk == order.id))}


def _release(means: Means, order: Order) -> Step:
    """Through the same gate as every order, into a folder of its own."""
    if order.stage != Stage.PASSED and order.status not in ("AWAITING_SHIPMENT", "PARTIALLY_SHIPPING"):
        return Step()
    hands = (means.database, means.client, means.seal, means.store, means.act(), means.designs, means.running)
    outcomes = release.release(*hands, only=[order.order_id], tests=means.folder)
    stays = [one for one in outcomes if one.result in (HELD, FAILED)]
    for one in stays:
        if isinstance(one.error, TryAgain):
            raise one.error
        if one.result == FAILED:
            return Step(trouble=one.why, command=one.command)
    return Step(went_on=not stays)


def _make(means: Means, order: Order) -> Step:
    """Nobody makes it: its stages are followed as production would report them."""
    for stage in STEPS:
        with means.database.session() as session:
            fresh = session.get_one(Order, order.id)
            if fresh.stage in (Stage.CREATED, *STEPS[: STEPS.index(stage)]):
                production.advance(session, means.act(), fresh, stage)
    return Step(went_on=True)


def _cancel(means: Means, trial: Trial) -> Step:
    order, _ = _order(means, trial)
    if order is None or order.stage == Stage.CANCELED:
        return Step()
    if means.buyer and order.status == "ON_HOLD":
        means.buyer.end_hold(order.order_id)
        return Step(went_on=True)
    if means.buyer and not order.cancel_requested and order.stage in OPEN:
        means.buyer.ask_to_cancel(order.order_id)
        return Step(went_on=True)
    followed = cancelling.follow_up(means.at_work(), approve=means.approve, only=[order.order_id])
    if followed.troubles:
        return Step(trouble=str(followed.troubles[0]), command=followed.troubles[0].hint)
    return Step(went_on=bool(followed.answered))


def _number(order_id: str) -> str:
    """A tracking number of the post's shape, with its check digit, that no other test order has."""
    digits = f"94001{order_id[-16:].rjust(16, '0')}"
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return f"{digits}{-total % 10}"
