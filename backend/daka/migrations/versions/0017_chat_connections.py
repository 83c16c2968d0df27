"""Chat connections, what comes in over them, and messages that change in place.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chat_connection",
        sa.Column("app", sa.String(length=40), nullable=False),
        sa.Column("dialect", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("leased_until", UTCDateTime(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "connecting",
                "open",
                "refused",
                "taken_over",
                "stopped",
                name="connectionstate",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("last_frame_at", UTCDateTime(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("app", name=op.f("pk_chat_connection")),
    )
    op.create_table(
        "chat_code",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_chat_code_user_id_user")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_chat_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_chat_code_code_hash")),
    )
    op.create_table(
        "chat_identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("realm", sa.String(length=160), nullable=False),
        sa.Column("person", sa.String(length=160), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_chat_identity_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_identity")),
        sa.UniqueConstraint("realm", "person", name=op.f("uq_chat_identity_realm_person")),
    )
    with op.batch_alter_table("chat_identity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_chat_identity_user_id"), ["user_id"], unique=False)

    op.create_table(
        "chat_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("app", sa.String(length=40), nullable=False),
        sa.Column("vendor_id", sa.String(length=160), nullable=False),
        sa.Column("realm", sa.String(length=160), nullable=False),
        sa.Column("person", sa.String(length=160), nullable=False),
        sa.Column(
            "word",
            sa.Enum(
                "acknowledge",
                "snooze",
                "skip",
                "who",
                "today",
                "bind",
                "unknown",
                name="word",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("delivery_id", sa.BigInteger(), nullable=True),
        sa.Column("reminder_id", sa.BigInteger(), nullable=True),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("sealed_reply_to", sa.Text(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("acted_at", UTCDateTime(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("reply", sa.String(length=600), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_chat_message_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_message")),
        sa.UniqueConstraint("app", "vendor_id", name=op.f("uq_chat_message_app_vendor_id")),
    )
    with op.batch_alter_table("chat_message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_chat_message_received_at"), ["received_at"], unique=False)
        batch_op.create_index(
            "ix_chat_message_unanswered",
            ["received_at"],
            unique=False,
            sqlite_where=sa.text("answered_at IS NULL"),
            postgresql_where=sa.text("answered_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_chat_message_user_id"), ["user_id"], unique=False)
        batch_op.create_index(
            "ix_chat_message_waiting",
            ["app", "id"],
            unique=False,
            sqlite_where=sa.text("acted_at IS NULL"),
            postgresql_where=sa.text("acted_at IS NULL"),
        )

    op.create_table(
        "delivery_card",
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("card", sa.String(length=200), nullable=False),
        sa.Column("shown", sa.String(length=400), nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.Column("next_try_at", UTCDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name=op.f("fk_delivery_card_delivery_id_delivery"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_delivery_card")),
    )
    with op.batch_alter_table("delivery_card", schema=None) as batch_op:
        batch_op.create_index(
            "ix_delivery_card_open",
            ["seen_at"],
            unique=False,
            sqlite_where=sa.text("next_try_at IS NOT NULL"),
            postgresql_where=sa.text("next_try_at IS NOT NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("delivery_card", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_delivery_card_open",
            sqlite_where=sa.text("next_try_at IS NOT NULL"),
            postgresql_where=sa.text("next_try_at IS NOT NULL"),
        )

    op.drop_table("delivery_card")
    with op.batch_alter_table("chat_message", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_chat_message_waiting",
            sqlite_where=sa.text("acted_at IS NULL"),
            postgresql_where=sa.text("acted_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_chat_message_user_id"))
        batch_op.drop_index(
            "ix_chat_message_unanswered",
            sqlite_where=sa.text("answered_at IS NULL"),
            postgresql_where=sa.text("answered_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_chat_message_received_at"))

    op.drop_table("chat_message")
    with op.batch_alter_table("chat_identity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_chat_identity_user_id"))

    op.drop_table("chat_identity")
    op.drop_table("chat_code")
    op.drop_table("chat_connection")
