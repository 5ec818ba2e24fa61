"""First memory: conversations, turns, consents, channels."""

import sqlalchemy as sa
from alembic import op

from seollem.db.types import TZDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "seollem_conversations",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("turns", sa.Integer, nullable=False),
        sa.Column("weighted_sum", sa.Double, nullable=False),
        sa.Column("lost", sa.Double, nullable=False),
        sa.Column("last_at", TZDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_seollem_conversations"),
    )
    op.create_index(
        "ix_seollem_conversations_user_id_place_id",
        "seollem_conversations",
        ["user_id", "place", "id"],
    )
    op.create_table(
        "seollem_turns",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("conversation_id", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("message_id", sa.Text, nullable=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("affection", sa.Double, nullable=False),
        sa.Column("emotions", sa.JSON, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("at", TZDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_seollem_turns"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["seollem_conversations.id"],
            name="fk_seollem_turns_conversation_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "ix_seollem_turns_conversation_id_id", "seollem_turns", ["conversation_id", "id"]
    )
    op.create_index(
        "ix_seollem_turns_message_id_user_id",
        "seollem_turns",
        ["message_id", "user_id"],
        unique=True,
    )
    op.create_table(
        "seollem_consents",
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("agreed_at", TZDateTime, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_seollem_consents"),
    )
    op.create_table(
        "seollem_channels",
        sa.Column("guild_id", sa.Text, nullable=False),
        sa.Column("channel_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "channel_id", name="pk_seollem_channels"),
    )


def downgrade() -> None:
    for table in ("channels", "consents", "turns", "conversations"):
        op.drop_table(f"seollem_{table}")
