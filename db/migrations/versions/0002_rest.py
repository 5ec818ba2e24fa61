"""What the emotions that are kept of a turn leave out, as one sum."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Turns so far are selfies with eight emotions, all of which are kept: nothing was left out.
    op.add_column("seollem_turns", sa.Column("rest", sa.Double, nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("seollem_turns", "rest")
