"""Placed designs, where they came from, what is not printed here, and when variants were seen."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LINKS = (
    ("connection_design", "print_sha256", "VARCHAR", "design (sha256)"),
    ("line", "ignored_id", "INTEGER", "ignored (id)"),
)
"""Columns that refer to others. SQLite takes them only within ADD COLUMN, which Alembic does not write."""
COLUMNS: tuple[tuple[str, str, sa.types.TypeEngine[Any]], ...] = (
    ("product_model", "parts", sa.JSON()),
    ("product_model", "derived", sa.JSON()),
    ("variant", "seen_at", sa.BigInteger()),
    ("variant", "changed_at", sa.BigInteger()),
    ("design", "facts", sa.JSON()),
    ("connection", "why", sa.String()),
    ("connection_design", "placement", sa.JSON()),
)


def upgrade() -> None:
    op.create_table(
        "design_source",
        sa.Column("address", sa.String(), primary_key=True),
        sa.Column("sha256", sa.String(), sa.ForeignKey("design.sha256"), nullable=False),
        sa.Column("etag", sa.String(), nullable=False),
        sa.Column("last_modified", sa.String(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_sha256", sa.String(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=True),
    )
    op.create_table(
        "ignored",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("store_id", sa.Integer(), sa.ForeignKey("store.id"), nullable=False),
        sa.Column(
            "scope",
            sa.Enum("line", "variant", "listing", name="ignorescope", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.UniqueConstraint("store_id", "scope", "subject", "version"),
    )
    op.create_index(
        "uq_ignored_current",
        "ignored",
        ["store_id", "scope", "subject"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    for table, name, kind in COLUMNS:
        op.add_column(table, sa.Column(name, kind, nullable=True))
    for table, name, sort, target in LINKS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {sort} REFERENCES {target}")
    with op.batch_alter_table("outbox") as outbox:
        outbox.alter_column("order_pk", existing_type=sa.Integer(), nullable=True)
