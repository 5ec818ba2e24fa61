"""The tables: derived numbers only, never a picture, a text, an address or a name.

Names begin with ``seollem_``, so that a host bot's own database can hold them. A turn's number is
not stored: it is the turn's rank by id within its conversation, so deleting one moves the later
ones up by itself.
"""

from datetime import datetime

from sqlalchemy import JSON, Double, ForeignKey, Index, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from seollem.db.types import TZDateTime


class Base(DeclarativeBase):
    """Text without a length limit, doubles, and moments in UTC."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {str: Text, float: Double, datetime: TZDateTime}  # noqa: RUF012


class ConversationRow(Base):
    """What one person said in one place without a long silence, as running sums.

    ``weighted_sum`` is S = Σ t·A_t over the ``turns`` turns; ``lost`` is what rounding took from
    it, so that S + lost stays exact however many turns come and go.
    """

    __tablename__ = "seollem_conversations"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[str]
    place: Mapped[str]
    turns: Mapped[int]
    weighted_sum: Mapped[float]
    lost: Mapped[float]
    last_at: Mapped[datetime]

    __table_args__ = (Index(None, "user_id", "place", "id"),)


class TurnRow(Base):
    """One turn: its affection and the most probable emotions, label → probability.

    The emotion that the turn is named for comes first; stored JSON keeps its order.
    ``other_probability`` is the sum of the probabilities that are not kept. With it, the share of
    each kept emotion can still be computed.
    """

    __tablename__ = "seollem_turns"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("seollem_conversations.id", ondelete="CASCADE")
    )
    user_id: Mapped[str]
    message_id: Mapped[str | None]
    source: Mapped[str]
    affection: Mapped[float]
    emotions: Mapped[dict[str, float]] = mapped_column(JSON)
    other_probability: Mapped[float] = mapped_column("rest", key="other_probability")
    model: Mapped[str]
    at: Mapped[datetime]

    __table_args__ = (
        Index(None, "conversation_id", "id"),
        # One message of one person counts once; by message first, for deletions by message alone.
        Index(None, "message_id", "user_id", unique=True),
    )


class ConsentRow(Base):
    """The version of the notice that a person agreed to."""

    __tablename__ = "seollem_consents"

    user_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    agreed_at: Mapped[datetime]


class ChannelRow(Base):
    """A channel in which an admin enabled the scoring of selfies and messages."""

    __tablename__ = "seollem_channels"

    guild_id: Mapped[str] = mapped_column(primary_key=True)
    channel_id: Mapped[str] = mapped_column(primary_key=True)
