"""How fast TikTok lets each store be asked, and how far a machine's clock was off."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pace",
        sa.Column("store_id", sa.Integer(), sa.ForeignKey("store.id"), nullable=False),
        sa.Column("rate", sa.Float(), nullable=False),
        sa.Column("limited_at", sa.BigInteger(), nullable=True),
        sa.Column("limited_until", sa.BigInteger(), nullable=True),
        sa.Column("clock_behind", sa.BigInteger(), nullable=False),
        sa.Column("clock_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("store_id"),
    )
