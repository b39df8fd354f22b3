"""accounts that change.

Written by `python -m deployments.migrations.make`, and read. Whose access ended because they left is marked,
so that a return can bring it back.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("before", sa.String(length=2000), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_change_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["person.id"], name=op.f("fk_account_change_changed_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_change")),
    )
    with op.batch_alter_table("account_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_change_account_id"), ["account_id"], unique=False)
        batch_op.create_index("ix_account_change_key", ["key"], unique=False)

    with op.batch_alter_table("access", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ends_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("ends_for", sa.String(length=40), nullable=True))

    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("closes_on", sa.Date(), nullable=True))

    op.execute(
        "UPDATE access SET ends_for = 'the person has left' WHERE state = 'revoked' AND EXISTS ("
        "SELECT 1 FROM audit_entry WHERE audit_entry.subject_kind = 'access' AND audit_entry.subject_id = access.id "
        "AND audit_entry.version = access.version AND audit_entry.cause = 'person has left')"
    )


def downgrade() -> None:
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_column("closes_on")

    with op.batch_alter_table("access", schema=None) as batch_op:
        batch_op.drop_column("ends_for")
        batch_op.drop_column("ends_on")

    with op.batch_alter_table("account_change", schema=None) as batch_op:
        batch_op.drop_index("ix_account_change_key")
        batch_op.drop_index(batch_op.f("ix_account_change_account_id"))

    op.drop_table("account_change")
