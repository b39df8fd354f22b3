"""Enough people administer an account, and the right ones are among them."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, model_validator
from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Subquery,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    or_,
    select,
)
from sqlmodel import col

from policy.controls._rule import Rule
from policy.parts import Id
from policy.selects import AccountFilter, runs_on
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.people import Designation, Person, Role
from schemas.states import AccessState
from schemas.words import AccessRole, PersonKind

People = Annotated[int, Field(ge=0, le=20)]

if TYPE_CHECKING:
    from policy.model import Policy


class Administrators(Rule):
    """An account of these levels has its administrators, at the request and ever after.

    `holders_at_least` of them hold `office`; whom the office `designated_by` designated counts as a holder.
    `others_at_least` members of the staff come on top of those. `nightly`: whether accounts
    that lack them later are found.

    Finds every live account that lacks them. Asks who requests an account to name them, and who
    answers for one that was found. Never gives or takes access itself.
    """

    use: Literal["administrators"] = "administrators"
    office: Id | None = None
    holders_at_least: People = 0
    designated_by: Id | None = None
    others_at_least: People = 0
    nightly: bool = True

    def names(self) -> tuple[tuple[str, str, str], ...]:
        """What it names of the file's lists."""
        offices = (
            ("office", "office", self.office),
            ("designated_by", "division office", self.designated_by),
        )
        return tuple((key, what, office) for key, what, office in offices if office is not None)

    @property
    def or_designated(self) -> bool:
        """Whether somebody who was designated counts as a holder."""
        return self.designated_by is not None

    @property
    def at_least(self) -> int:
        """How many people there must be in all."""
        return self.holders_at_least + self.others_at_least

    @model_validator(mode="after")
    def _somebody(self) -> "Administrators":
        if self.holders_at_least and self.office is None:
            raise ValueError("say which office they hold, in `office`")
        if self.at_least < 1:
            raise ValueError(
                "no account goes without an administrator: set `holders_at_least` or `others_at_least`"
            )
        return self

    @property
    def runs(self) -> bool:
        """Whether the nightly sweep holds accounts to it."""
        return self.nightly and super().runs

    def found(self, policy: "Policy", today: date, among: AccountFilter) -> Select[*tuple[Any, ...]]:
        """Every live account whose active administrators are too few, or not who must be among them.

        Somebody who holds the office above the number needed counts among the others. A designation counts
        from its first day through its last, for all channels or for this one. Due on `today`: from then on
        it does not hold. One grouped join, read once: a person counts once, however many offices they hold.
        """
        del among
        at_school = self.office is not None and policy.office(self.office).at == "school"
        access, person, office = table_of(Access), table_of(Person), self._office(today, at_school=at_school)
        administers = and_(
            col(Access.account_id) == col(Account.id),
            col(Access.state) == AccessState.GRANTED,
            col(Access.role) == AccessRole.ADMINISTRATOR,
        )
        in_office = [office.c.person_id == col(Access.person_id)]
        if at_school:
            in_office.append(office.c.school_id == col(Account.school_id))
        holds: ColumnElement[bool] = office.c.person_id.is_not(None)
        if self.or_designated:
            holds = or_(holds, _is_designated(today))
        holding = _how_many(holds)
        in_all = _how_many(or_(col(Person.kind) == PersonKind.STAFF, holds))
        people = (
            table_of(Account)
            .outerjoin(access, administers)
            .outerjoin(person, and_(col(Person.id) == col(Access.person_id), col(Person.active)))
            .outerjoin(office, and_(*in_office))
        )
        return (
            select(
                col(Account.id).label("account_id"),
                literal(0).label("person_id"),
                literal(today).label("due_on"),
                case(
                    (in_all == 0, literal("Nobody of the staff administers it.")),
                    (holding < self.holders_at_least, literal(self._no_holder(policy))),
                    else_=literal("Too few members of the staff administer it."),
                ).label("detail"),
            )
            .select_from(people)
            .group_by(col(Account.id))
            .having(or_(holding < self.holders_at_least, in_all < self.at_least))
        )

    def _no_holder(self, policy: "Policy") -> str:
        label = policy.label(self.office or "")
        if self.or_designated:
            return f"Neither the {label} nor anybody who was designated administers it."
        return f"No {label} administers it."

    def _office(self, today: date, *, at_school: bool) -> Subquery:
        """Who holds on `today` the office that is needed, and where; each pair once."""
        role = table_of(Role)
        what = [role.c.person_id, role.c.school_id] if at_school else [role.c.person_id]
        place = role.c.school_id.is_not(None) if at_school else role.c.school_id.is_(None)
        return (
            select(*what)
            .where(
                role.c.kind == self.office if self.office is not None else false(),
                place,
                runs_on(role.c, today),
            )
            .distinct()
            .subquery("office")
        )


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many active people of the group meet the condition."""
    is_one = and_(col(Person.id).is_not(None), condition)
    return func.sum(case((is_one, literal(1)), else_=literal(0)), type_=Integer())


def _is_designated(today: date) -> ColumnElement[bool]:
    """Whether a designation of the person covers the account on `today`."""
    return (
        exists()
        .where(
            col(Designation.person_id) == col(Access.person_id),
            or_(col(Designation.account_id).is_(None), col(Designation.account_id) == col(Account.id)),
            runs_on(Designation, today),
        )
        .correlate(Access, Account)
    )
