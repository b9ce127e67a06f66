"""What TikTok pushes."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notification_id", sa.String(), nullable=False),
        sa.Column("type", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.String(), nullable=False),
        sa.Column("open_id", sa.String(), nullable=False),
        sa.Column("subjects", sa.JSON(), nullable=False),
        sa.Column("pushed_at", sa.BigInteger(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed_raw", sa.LargeBinary(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "recorded",
                "done",
                "ignored",
                "failed",
                name="notificationstate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("trouble", sa.String(), nullable=False),
        sa.Column("acted_at", sa.BigInteger(), nullable=True),
        sa.Column("reserved_by", sa.String(), nullable=True),
        sa.Column("reserved_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("notification_id"),
    )
    op.create_index("ix_notification_waiting", "notification", ["state", "due_at"])
    op.create_index("ix_notification_shop", "notification", ["shop_id", "type"])
