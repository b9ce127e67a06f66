"""A stage is reached by the moves of the table, and by no others."""

from functools import cache
from itertools import pairwise
from threading import Thread

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, StaticPool
from sqlmodel import Session, SQLModel, create_engine, select

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import NEXT, Line, Order, Stage, Store
from gcw_tiktok.store.tables.stages import BY_HAND, FORWARD, GONE_OUT, IN_WORK, OPEN, least_advanced
from gcw_tiktok.tiktok import orders as tiktok_orders
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.orders import reviewing, taking
from gcw_tiktok.workflow.orders.desk import Desk
from gcw_tiktok.workflow.production import production
from orders.shop import Shop

stages = st.sampled_from(Stage)
STATUSES = [*taking.STAGE_OF, "UNPAID", "ON_HOLD", "AWAITING_SHIPMENT", "PARTIALLY_SHIPPING", "NEW_AND_UNKNOWN", ""]


def reachable(start: Stage) -> set[Stage]:
    """Everything that some number of moves leads to."""
    found, ahead = set(), [start]
    while ahead:
        for following in NEXT[ahead.pop()] - found:
            found.add(following)
            ahead.append(following)
    return found


def test_every_stage_has_its_moves_and_every_stage_can_be_reached() -> None:
    assert set(NEXT) == set(Stage)
    assert reachable(Stage.RECEIVED) | {Stage.RECEIVED} == set(Stage)
    assert all(following in NEXT[stage] for stage, following in pairwise(FORWARD))


@given(stages)
def test_nothing_leads_back_into_production_once_it_has_gone_out_or_was_cancelled(stage: Stage) -> None:
    if stage in GONE_OUT | {Stage.CANCELED, Stage.RETURNED}:
        assert not reachable(stage) & (OPEN | IN_WORK)


def test_production_begins_only_with_what_nothing_holds() -> None:
    assert [stage for stage in Stage if Stage.CREATED in NEXT[stage]] == [Stage.PASSED]
    assert [stage for stage in Stage if Stage.PASSED in NEXT[stage]] == [Stage.RECEIVED]


@given(stages, st.sampled_from(STATUSES), st.sampled_from(STATUSES), st.booleans(), st.booleans(), st.booleans())
def test_whatever_tiktok_says_a_line_moves_along_the_table(
    stage: Stage, order_status: str, status: str, tracked: bool, by_tiktok: bool, made: bool
) -> None:
    line = Line(store_id=1, order_pk=1, line_id="1", sku_id="1", stage=stage, connection_id=1 if made else None)
    parcel = {"package_id": "7", "tracking_number": "9"} if tracked else {}
    sent = tiktok_orders.Line.model_validate({"id": "1", "sku_id": "1", "display_status": status, **parcel})
    taking._copy_line(line, sent, order_status, "TIKTOK" if by_tiktok else "SELLER")
    assert line.stage == stage or line.stage in NEXT[stage]
    assert not (by_tiktok and made) or line.stage == stage or line.stage != Stage.SHIPPED
    assert line.stage not in IN_WORK or line.stage == stage


@given(st.lists(stages, min_size=1, max_size=4), st.booleans())
def test_a_review_moves_only_what_waits(found: list[Stage], held: bool) -> None:
    order = Order(store_id=1, order_id="1", status="AWAITING_SHIPMENT", placed_at=1, updated_at=1, read_at=1)
    lines = [Line(store_id=1, order_pk=1, line_id=str(place), sku_id="1", stage=one) for place, one in enumerate(found)]
    reviewing._let_pass(order, lines, held=held)
    for before, line in zip(found, lines, strict=True):
        if before in (Stage.RECEIVED, Stage.PASSED):
            assert line.stage == (Stage.RECEIVED if held else Stage.PASSED)
        else:
            assert line.stage == before
    assert order.stage == least_advanced([line.stage for line in lines])


@given(stages, stages)
def test_the_way_from_one_stage_to_another_is_made_of_moves_of_the_table(stage: Stage, target: Stage) -> None:
    order = Order(store_id=1, order_id="1", status="", placed_at=1, updated_at=1, read_at=1)
    try:
        way = production.way(stage, target, order)
    except BadInput:
        assert target not in NEXT[stage]
        return
    assert [stage, *way][-1] == target
    assert all(after in NEXT[before] for before, after in pairwise([stage, *way]))


@cache
def memory() -> Engine:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    SQLModel.metadata.create_all(engine)
    return engine


@given(st.lists(stages, min_size=1, max_size=4), st.one_of(st.none(), stages))
def test_what_a_person_says_moves_the_units_in_work_or_is_refused_whole(found: list[Stage], to: Stage | None) -> None:
    with Session(memory()) as session:
        order = Order(store_id=1, order_id="1", status="", placed_at=1, updated_at=1, read_at=1)
        session.add(order)
        session.flush()
        assert order.id
        lines = [
            Line(store_id=1, order_pk=order.id, line_id=str(place), sku_id="1", stage=one)
            for place, one in enumerate(found)
        ]
        session.add_all(lines)
        session.flush()
        try:
            shown = production.advance(session, Act("test", 1), order, to)
        except BadInput:
            return  # the session is undone as a whole
        assert shown == order.stage == least_advanced([line.stage for line in lines])
        moved = {line.stage for before, line in zip(found, lines, strict=True) if line.stage != before}
        assert moved <= ({to} if to else BY_HAND) & BY_HAND
        assert all(before in IN_WORK for before, line in zip(found, lines, strict=True) if line.stage != before)


def test_a_refused_word_about_an_order_changes_none_of_its_units(shop: Shop) -> None:
    order_id = shop.released(2)
    shop.gcw("orders", "advance", order_id, "--to", "packaged")
    for wrong in ("created", "shipped", "delivered", "canceled", "received"):
        assert wrong in shop.gcw.fails(4, "orders", "advance", order_id, "--to", wrong, "--json").error["message"]
    shop.gcw.fails(4, "orders", "advance", order_id, "--json")  # the next one follows from shipping
    assert shop.stage(order_id) == "packaged"


def test_a_person_brings_an_order_stage_by_stage_to_where_it_is_shipped(shop: Shop) -> None:
    order_id = shop.released()
    steps = [shop.gcw("orders", "advance", order_id, "--json").json["stage"] for _ in range(3)]
    assert steps == ["in_production", "printed", "packaged"]


def test_two_that_work_on_one_order_do_not_undo_each_other(either_shop: Shop) -> None:
    order_id = either_shop.released()
    ran = []
    late = Thread(target=lambda: ran.append(either_shop.gcw.run("orders", "advance", order_id, "--json")))
    with either_shop.session() as session:
        desk = Desk(session, session.exec(select(Store)).one(), Seal(b"0" * 32), Act("test", 1), 1)
        desk.load([order_id])
        order = desk.orders[order_id]
        order.stage = desk.lines_of(order)[0].stage = Stage.CANCELED
        late.start()
        late.join(0.5)
        assert late.is_alive()  # it waits for what is being decided
    late.join()
    assert ran[0].code == 4
    assert either_shop.stage(order_id) == "canceled"


@given(st.lists(stages, min_size=1))
def test_an_order_shows_its_least_advanced_live_line(found: list[Stage]) -> None:
    shown = least_advanced(found)
    live = [stage for stage in found if stage != Stage.CANCELED]
    assert shown == (Stage.CANCELED if not live else shown)
    assert shown in found
    if live and all(stage in FORWARD for stage in live):
        assert all(FORWARD.index(shown) <= FORWARD.index(stage) for stage in live)
    if set(live) & {Stage.FAILED, Stage.RETURNED}:
        assert shown in (Stage.FAILED, Stage.RETURNED)
