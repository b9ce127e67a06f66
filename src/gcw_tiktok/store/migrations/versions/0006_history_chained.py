"""History is chained, and orders can be held by hand."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("event", sa.Column("seq", sa.BigInteger(), nullable=True))
    op.add_column("event", sa.Column("chain", sa.String(), nullable=True))
    op.create_index("uq_event_seq", "event", ["seq"], unique=True)
    op.add_column("orders", sa.Column("held_why", sa.String(), nullable=True))
