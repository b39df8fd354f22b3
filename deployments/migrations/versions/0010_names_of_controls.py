"""names of controls.

Findings, action items, suspensions, suspended accesses, audit entries and notices carried the number of a
clause of AP 151; now they carry the name of the control in the policy file. What is there is carried over.

An audit entry was sealed with its clause, so it keeps it, and its control stands beside it unsealed. Entries
from now on have no clause and are sealed with their control. `tasks.store.audit` knows both forms: whatever has
a clause is of the old one, and a clause that somebody adds or takes away breaks the seal.
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NAMES = {
    "1": "division-administrators",
    "2": "tools-first",
    "4": "quiet-hours",
    "5": "approval",
    "5.1": "inventory",
    "5.2": "privacy-course",
    "5.3": "guidelines",
    "5.4": "school-administrators",
    "5.5": "communications-can-reach-it",
    "5.6": "personal-responsibility",
    "6": "classroom-approval",
    "6.1": "classroom-privacy-course",
    "6.2": "principal-can-reach-it",
    "6.3": "owner-is-named",
    "7": "privacy-settings",
    "8": "notice-on-page",
    "9": "daily-look",
    "10": "compliance",
    "11": "password-change",
    "14": "personal-accounts",
}
CLAUSES = {name: clause for clause, name in NAMES.items()} | {
    "classroom-privacy-course": "5.2",
    "administrator-list-review": "11",
    "classroom-administrators": "6",
}
OPEN = sa.text("resolved_at IS NULL")

account = sa.table("account", sa.column("id"), sa.column("level"), sa.column("custody"))
access = sa.table("access", sa.column("id"), sa.column("account_id"), sa.column("suspended_for"))
finding = sa.table(
    "finding", sa.column("id"), sa.column("rule"), sa.column("control"), sa.column("account_id")
)
item = sa.table(
    "action_item",
    *map(sa.column, ("clause", "control", "kind", "subject_kind", "subject_id")),
)
suspension = sa.table("suspension", sa.column("clause"), sa.column("control"))
entry = sa.table("audit_entry", sa.column("clause"), sa.column("control"), sa.column("cause"))
notice = sa.table(
    "notice",
    *(sa.column("id"), sa.column("kind"), sa.column("state"), sa.column("facts", sa.JSON())),
)


def _of_account(column: Any, account_id: Any) -> Any:
    """A column of the account that a row is about."""
    return sa.select(column).where(account.c.id == account_id).scalar_subquery()


def _name(clause: Any, *more: Any) -> Any:
    """The name for a clause; `more` are the cases in which a clause has two."""
    plain = [(clause == old, sa.literal(new)) for old, new in NAMES.items()]
    return sa.case(*more, *plain, else_=clause)


def _by_account(clause: Any, account_id: Any) -> Any:
    """Where the account's level or the way its administrators get in says which control it is."""
    return (
        (
            sa.and_(clause == "5.2", _of_account(account.c.level, account_id) == "classroom"),
            sa.literal("classroom-privacy-course"),
        ),
        (
            sa.and_(clause == "11", _of_account(account.c.custody, account_id) != "shared password"),
            sa.literal("administrator-list-review"),
        ),
    )


def _clause(control: Any) -> Any:
    return sa.case(*((control == name, sa.literal(clause)) for name, clause in CLAUSES.items()), else_=control)


def upgrade() -> None:
    with op.batch_alter_table("access", schema=None) as batch_op:
        batch_op.alter_column(
            "suspended_for",
            existing_type=sa.VARCHAR(length=20),
            type_=sa.String(length=80),
            existing_nullable=True,
        )
    for table in ("action_item", "audit_entry", "finding", "suspension"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("control", sa.String(length=80), nullable=True))

    held = access.c.suspended_for
    op.execute(
        sa.update(access)
        .where(held.is_not(None))
        .values(suspended_for=_name(held, *_by_account(held, access.c.account_id)))
    )
    op.execute(
        sa.update(finding).values(
            control=_name(finding.c.rule, *_by_account(finding.c.rule, finding.c.account_id))
        )
    )
    of_finding = (
        sa.select(finding.c.control)
        .where(item.c.subject_kind == "finding", finding.c.id == item.c.subject_id)
        .scalar_subquery()
    )
    of_review = (item.c.kind == "review the administrator list", sa.literal("administrator-list-review"))
    op.execute(
        sa.update(item).values(control=sa.func.coalesce(of_finding, _name(item.c.clause, of_review)))
    )
    op.execute(sa.update(suspension).values(control=_name(suspension.c.clause)))
    reviewed = sa.and_(
        entry.c.clause == "11",
        entry.c.cause.in_(("administrators reviewed", "not on the platform's list")),
    )
    op.execute(
        sa.update(entry).values(
            control=_name(entry.c.clause, (reviewed, sa.literal("administrator-list-review")))
        )
    )
    _notices(_renamed)

    with op.batch_alter_table("action_item", schema=None) as batch_op:
        batch_op.alter_column("control", existing_type=sa.String(length=80), nullable=False)
        batch_op.drop_column("clause")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.alter_column("control", existing_type=sa.String(length=80), nullable=False)
        batch_op.alter_column("clause", existing_type=sa.VARCHAR(length=20), nullable=True)
    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.alter_column("control", existing_type=sa.String(length=80), nullable=False)
        batch_op.drop_index("uq_finding_open", sqlite_where=OPEN)
        batch_op.create_index(
            "uq_finding_open",
            ["control", "account_id", "person_id"],
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        )
        batch_op.drop_column("rule")
    with op.batch_alter_table("suspension", schema=None) as batch_op:
        batch_op.alter_column("control", existing_type=sa.String(length=80), nullable=False)
        batch_op.drop_column("clause")


def downgrade() -> None:
    for table, column in (("action_item", "clause"), ("finding", "rule"), ("suspension", "clause")):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column(column, sa.String(length=20), nullable=True))
    op.execute(sa.update(suspension).values(clause=_clause(suspension.c.control)))
    op.execute(sa.update(finding).values(rule=_clause(finding.c.control)))
    op.execute(sa.update(item).values(clause=_clause(item.c.control)))
    op.execute(
        sa.update(access)
        .where(access.c.suspended_for.is_not(None))
        .values(suspended_for=_clause(access.c.suspended_for))
    )
    op.execute(sa.update(entry).where(entry.c.clause.is_(None)).values(clause=_clause(entry.c.control)))
    _notices(_numbered)

    with op.batch_alter_table("suspension", schema=None) as batch_op:
        batch_op.alter_column("clause", existing_type=sa.String(length=20), nullable=False)
        batch_op.drop_column("control")
    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.alter_column("rule", existing_type=sa.String(length=20), nullable=False)
        batch_op.drop_index("uq_finding_open", sqlite_where=OPEN, postgresql_where=OPEN)
        batch_op.create_index(
            "uq_finding_open",
            ["rule", "account_id", "person_id"],
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        )
        batch_op.drop_column("control")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.alter_column("clause", existing_type=sa.VARCHAR(length=20), nullable=False)
        batch_op.drop_column("control")
    with op.batch_alter_table("action_item", schema=None) as batch_op:
        batch_op.alter_column("clause", existing_type=sa.String(length=20), nullable=False)
        batch_op.drop_column("control")
    with op.batch_alter_table("access", schema=None) as batch_op:
        batch_op.alter_column(
            "suspended_for",
            existing_type=sa.String(length=80),
            type_=sa.VARCHAR(length=20),
            existing_nullable=True,
        )


def _notices(change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Rewrite the facts of notices that are still to leave, and of summaries: the next one counts from them."""
    connection = op.get_bind()
    wanted = sa.or_(notice.c.state.in_(("pending", "sending", "parked")), notice.c.kind == "sweep_summary")
    last = 0
    while rows := connection.execute(
        sa.select(notice.c.id, notice.c.facts)
        .where(wanted, notice.c.id > last)
        .order_by(notice.c.id)
        .limit(1000)
    ).all():
        for row in rows:
            facts = change(row.facts)
            if facts != row.facts:
                connection.execute(sa.update(notice).where(notice.c.id == row.id).values(facts=facts))
        last = rows[-1].id


def _renamed(facts: dict[str, Any]) -> dict[str, Any]:
    facts = dict(facts)
    if "clause" in facts:
        clause = facts.pop("clause")
        facts["control"] = NAMES.get(clause, clause)
    if "clauses" in facts:
        facts["controls"] = [_renamed(line) for line in facts.pop("clauses")]
    if "ever" in facts:
        facts["ever"] = {NAMES.get(clause, clause): count for clause, count in facts["ever"].items()}
    return facts


def _numbered(facts: dict[str, Any]) -> dict[str, Any]:
    facts = dict(facts)
    if "control" in facts:
        control = facts.pop("control")
        facts["clause"] = CLAUSES.get(control, control)
    if "controls" in facts:
        facts["clauses"] = [_numbered(line) for line in facts.pop("controls")]
    if "ever" in facts:
        facts["ever"] = {CLAUSES.get(control, control): count for control, count in facts["ever"].items()}
    return facts
