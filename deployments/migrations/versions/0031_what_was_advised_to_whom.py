"""what was advised to whom.

Written by `python -m deployments.migrations.make`, and read.
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "advice_receipt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=40), nullable=False),
        sa.Column("text_version", sa.String(length=40), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("asked", sa.Boolean(), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_via", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_advice_receipt_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advice_receipt")),
        sa.UniqueConstraint(
            "person_id",
            "text",
            "text_version",
            "sent_on",
            name=op.f("uq_advice_receipt_person_id_text_text_version_sent_on"),
        ),
    )
    with op.batch_alter_table("advice_receipt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_advice_receipt_sent_on"), ["sent_on"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("advice_receipt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_advice_receipt_sent_on"))

    op.drop_table("advice_receipt")
