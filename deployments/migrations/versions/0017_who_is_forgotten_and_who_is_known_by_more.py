"""who is forgotten, and who is known by more.

Written by `python -m deployments.migrations.make`, and read.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "also_known",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("merged_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.String(length=255), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["merged_id"], ["person.id"], name=op.f("fk_also_known_merged_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_also_known_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_also_known")),
        sa.UniqueConstraint("email", name=op.f("uq_also_known_email")),
        sa.UniqueConstraint("source_id", name=op.f("uq_also_known_source_id")),
    )
    with op.batch_alter_table("also_known", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_also_known_person_id"), ["person_id"], unique=False)

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("forget_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("forgotten_key", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("forgotten_for", sa.String(length=4000), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_column("forgotten_for")
        batch_op.drop_column("forgotten_key")
        batch_op.drop_column("forgotten_at")
        batch_op.drop_column("forget_on")

    with op.batch_alter_table("also_known", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_also_known_person_id"))

    op.drop_table("also_known")
