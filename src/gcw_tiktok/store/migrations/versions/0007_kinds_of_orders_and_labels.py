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
    _add("orders", "combine_group", sa.String(), "''")
    _add("orders", "combined", sa.String(), "''")
    _add("orders", "warehouse_id", sa.String(), "''")
    _add("orders", "test", sa.Boolean(), "false")
    _add("shipment", "service_id", sa.String(), "''")
    _add("shipment", "service", sa.String(), "''")
    _add("shipment", "sealed_label", sa.LargeBinary())
    _add("shipment", "corrected_at", sa.BigInteger())
    _add("store", "samples", sa.String(32), "'hold'")
    _add("store", "combine_hours", sa.Integer(), "4")


def _add(table: str, name: str, kind: Any, default: str | None = None) -> None:
    """A column that rows of before have with this default, or without a value."""
    server_default = sa.text(default) if default else None
    op.add_column(table, sa.Column(name, kind, nullable=default is None, server_default=server_default))
