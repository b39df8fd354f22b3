"""Which text was accepted, and which course is asked for.

An acceptance was of the one text that AP 151 had; now it says which text, in which version, and when it was
sent. The keys of items that ask for a course name the course. What is there is carried over, with the text and
the course that were the only ones.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TEXT, VERSION, COURSE = "personal responsibility", "2026-1", "focus-on-privacy"
OLD = "uq_acceptance_person_id_account_id"
NEW = "uq_acceptance_person_id_account_id_text_text_version"
acceptance = sa.table("acceptance", *map(sa.column, ("text", "text_version", "sent_at", "accepted_at")))
item = sa.table("action_item", *map(sa.column, ("key", "kind")))
notice = sa.table("notice", sa.column("key"))


def upgrade() -> None:
    with op.batch_alter_table("acceptance", schema=None) as batch_op:
        batch_op.add_column(sa.Column("text", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("text_version", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(sa.update(acceptance).values(text=TEXT, text_version=VERSION))
    with op.batch_alter_table("acceptance", schema=None) as batch_op:
        batch_op.alter_column("text", existing_type=sa.String(length=80), nullable=False)
        batch_op.alter_column("text_version", existing_type=sa.String(length=40), nullable=False)
        batch_op.alter_column("accepted_at", existing_type=sa.DateTime(timezone=True), nullable=True)
        batch_op.alter_column("recorded_via", existing_type=sa.String(length=40), nullable=True)
        batch_op.drop_constraint(OLD, type_="unique")
        batch_op.create_unique_constraint(NEW, ["person_id", "account_id", "text", "text_version"])
    for table in (item, notice):
        _rename(table, "/course/found/", f"/course/{COURSE}/keep/")
        _rename(table, "/course/renew/", f"/course/{COURSE}/renew/")
        _rename(table, "/course/", f"/course/{COURSE}/", unless=f"/course/{COURSE}/")
        _rename(table, "/accept", f"/accept/{TEXT}/{VERSION}", unless="/accept/")


def downgrade() -> None:
    for table in (item, notice):
        _rename(table, f"/course/{COURSE}/keep/", "/course/found/")
        _rename(table, f"/course/{COURSE}/", "/course/")
        _rename(table, f"/accept/{TEXT}/{VERSION}", "/accept")
    op.execute(sa.delete(acceptance).where(acceptance.c.accepted_at.is_(None)))
    with op.batch_alter_table("acceptance", schema=None) as batch_op:
        batch_op.drop_constraint(NEW, type_="unique")
        batch_op.create_unique_constraint(OLD, ["person_id", "account_id"])
        batch_op.alter_column("recorded_via", existing_type=sa.String(length=40), nullable=False)
        batch_op.alter_column("accepted_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch_op.drop_column("sent_at")
        batch_op.drop_column("text_version")
        batch_op.drop_column("text")


def _rename(table: sa.TableClause, old: str, new: str, *, unless: str | None = None) -> None:
    """Write keys anew, which name what is asked."""
    where = [table.c.key.like(f"%{old}%")]
    if unless is not None:
        where.append(sa.not_(table.c.key.like(f"%{unless}%")))
    op.execute(sa.update(table).values(key=sa.func.replace(table.c.key, old, new)).where(*where))
