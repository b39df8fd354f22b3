"""Who may do an act: small rules, joined with `|`, asked of the store in the act's own transaction."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from policy.authority import custodians
from policy.reinstatement import COMMUNICATIONS
from schemas.accounts import Access, Account, AccountRequest
from schemas.errors import NotAllowed
from schemas.outcome import RoleAt
from schemas.people import Person
from schemas.states import AccessState
from schemas.words import RoleKind
from tasks.acts.context import ActContext, Right
from tasks.store import lookup
from tasks.store.holders import holders

Test = Callable[[ActContext, Any], Awaitable[Right | None]]
SUPERINTENDENT = RoleAt(RoleKind.SUPERINTENDENT)
IT_OPERATORS = RoleAt(RoleKind.IT_OPERATOR)


@dataclass(frozen=True)
class Who:
    """One rule, or several of which one is enough. `words` say who, as half a sentence.

    `test` gets the context and the form. It answers in which right the person acts, or None. Where a
    better sentence than "Only … may" is known, it raises NotAllowed itself.
    """

    words: str
    test: Test

    def __or__(self, other: "Who") -> "Who":
        async def either(context: ActContext, form: Any) -> Right | None:
            return await self.test(context, form) or await other.test(context, form)

        return Who(f"{self.words} or {other.words}", either)

    async def require(self, context: ActContext, form: Any, does: str) -> Right:
        """In which right the person acts. Raises NotAllowed, which names who may."""
        right = await self.test(context, form)
        if right is None:
            raise NotAllowed(f"Only {self.words} {does}.")
        return right


async def holds(context: ActContext, *offices: RoleAt) -> Right | None:
    """The right of who acts by one of these offices today, as its holder or as a deputy of today."""
    for office in offices:
        for one in await holders(context.session, office, context.today):
            if one.person_id == context.person_id:
                return Right(one.deputy_for)
    return None


def office(office: RoleAt, words: str) -> Who:
    """Whoever holds this office of the division today, or deputizes."""

    async def test(context: ActContext, _form: Any) -> Right | None:
        return await holds(context, office)

    return Who(words, test)


async def _anybody(_context: ActContext, _form: Any) -> Right | None:
    return Right()


async def _requester(context: ActContext, form: Any) -> Right | None:
    request = await lookup.by_id(context.session, AccountRequest, form.request)
    return Right() if request.requester_id == context.person_id else None


async def has_access(context: ActContext, account_id: int) -> bool:
    """Whether who acts has granted access to an account."""
    found = await context.session.exec(
        select(Access.id).where(
            col(Access.account_id) == account_id,
            col(Access.person_id) == context.person_id,
            col(Access.state) == AccessState.GRANTED,
        )
    )
    return found.first() is not None


async def _administrator(context: ActContext, form: Any) -> Right | None:
    await lookup.by_id(context.session, Account, form.account)
    return Right() if await has_access(context, form.account) else None


async def _custodian(context: ActContext, form: Any) -> Right | None:
    account = await lookup.by_id(context.session, Account, form.account)
    for office in custodians(context.policy, account.level, account.school_id):
        standing = await holds(context, office)
        if standing is not None:
            return standing
    return None


async def _self(context: ActContext, form: Any) -> Right | None:
    person = await lookup.person(context.session, form.person, must_be_active=False)
    return Right() if person.id == context.person_id else None


async def _own_school(context: ActContext, form: Any) -> Right | None:
    person: Person = await lookup.person(context.session, form.person, must_be_active=False)
    if person.school_id is None:
        return None
    return await holds(context, RoleAt(RoleKind.SCHOOL_ADMINISTRATOR, person.school_id))


#: Everybody who works here.
ANYBODY = Who("somebody who works here", _anybody)
REQUESTER = Who("who asked", _requester)
#: Somebody with granted access to the form's account.
ADMINISTRATOR = Who("an administrator with access to the account", _administrator)
#: Who holds the office that can reach the form's account besides its administrators.
CUSTODIAN = Who("who keeps the account", _custodian)
#: The person whom the form is about.
THEMSELVES = Who("the person", _self)
#: The administration of the school of the person whom the form is about.
THEIR_SCHOOL = Who("their school's administration", _own_school)
COMMUNICATIONS_OFFICE = office(COMMUNICATIONS, "Communications")
SUPERINTENDENTS_OFFICE = office(SUPERINTENDENT, "the Superintendent")
IT_OFFICE = office(IT_OPERATORS, "an IT operator")
#: Who takes files in and settles what they leave open.
DIVISION_OFFICES = COMMUNICATIONS_OFFICE | IT_OFFICE | SUPERINTENDENTS_OFFICE
