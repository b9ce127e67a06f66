"""Orders of every kind, orders that travel together, TikTok's labels, corrected numbers."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _add("orders", "kind", sa.String(32), "'normal'")
    _add("orders", "replaces", sa.String(), "''")
    _add("orders", "starts_at", sa.BigInteger())
    _add("orders", "handling", sa.String(), "''")
    _add("orders", "combine_group", sa.String(), "''")
    _add("orders", "combined", sa.String(), "''")
    _add("orders", "warehouse_id", sa.String(), "''")
    _add("orders", "test", sa.Boolean(), "false")
    _add("shipment", "service_id", sa.String(), "''")
    _add("shipment", "service", sa.String(), "''")
    _add("shipment", "sealed_label", sa.LargeBinary())
    _add("shipment", "corrected_at", sa.BigInteger())
    _add("facility", "cancel_url", sa.String(), "''")
    _add("store", "samples", sa.String(32), "'hold'")
    _add("store", "combine_hours", sa.Integer(), "4")
    _add("store", "returns_cursor", sa.BigInteger(), "0")
    marked = sa.text("combine_group <> ''")
    columns = ["store_id", "combine_group"]
    op.create_index("ix_orders_combine_group", "orders", columns, sqlite_where=marked, postgresql_where=marked)
    _name_kinds()
    op.drop_column("orders", "sample")


def _name_kinds() -> None:
    """What was known of the orders of before. That one replaces another, or when a pre-order may start, is not: they
    are given it when they are read the next time."""
    orders = sa.table(
        "orders",
        *(sa.column(name) for name in ("id", "kind", "order_type", "fulfillment_type")),
        sa.column("sample", sa.Boolean()),
    )
    line = sa.table("line", sa.column("order_pk"), sa.column("gift", sa.Boolean()))
    free, bought = (sa.select(line.c.order_pk).where(line.c.gift == gift) for gift in (sa.true(), sa.false()))
    kinds = {
        "pre_order": orders.c.order_type == "PRE_ORDER",
        "made_to_order": orders.c.order_type == "MADE_TO_ORDER",
        "back_order": orders.c.order_type == "BACK_ORDER",
        "gift": sa.and_(orders.c.id.in_(free), orders.c.id.not_in(bought)),
        "sample": orders.c.sample == sa.true(),
        "fulfilled_by_tiktok": orders.c.fulfillment_type.not_in(["", "FULFILLMENT_BY_SELLER"]),
    }
    for kind, fits in kinds.items():  # the last that fits stays
        op.execute(sa.update(orders).where(fits).values(kind=kind))


def _add(table: str, name: str, kind: Any, default: str | None = None) -> None:
    """A column that rows of before have with this default, or without a value."""
    server_default = sa.text(default) if default else None
    op.add_column(table, sa.Column(name, kind, nullable=default is None, server_default=server_default))
