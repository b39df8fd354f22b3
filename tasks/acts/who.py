"""Who may do an act: small rules, joined with `|`, asked of the store in the act's own transaction."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_
from sqlmodel import col, select

from policy.authority import custodians, office_at, policy_office
from policy.controls.administrators import Administrators
from policy.controls.approval import Approval
from policy.model import Policy
from policy.reinstatement import decides_suspensions
from policy.selects import runs_on
from schemas.accounts import Access, Account, AccountRequest
from schemas.errors import OnlyOthers
from schemas.language import half
from schemas.outcome import RoleAt, Subject
from schemas.people import Absence, Person, Role
from schemas.states import AccessState
from schemas.words import ItemKind, SubjectKind
from tasks.acts.context import ActContext, Right
from tasks.store import lookup
from tasks.store.climbed import climbed_to, open_at
from tasks.store.engine import INSIDE, MAY_HOLD
from tasks.store.holders import holders, may_hold

Test = Callable[[ActContext, Any], Awaitable[Right | None]]
#: Half a sentence that says who, or several; where it names offices, they are the policy's.
Words = str | Callable[[Policy], str | tuple[str, ...]]


@dataclass(frozen=True)
class Standing:
    """What somebody is, before it is known about what they act: offices that they hold today or stand in for.

    `has_access`: to any account. `runs_school`: any school.
    """

    offices: frozenset[str] = frozenset()
    has_access: bool = False
    runs_school: bool = False

    @property
    def any_office(self) -> bool:
        """Whether they hold any office, of a school or of all of them."""
        return bool(self.offices) or self.runs_school


Ever = Callable[[Policy, Standing], bool]


def _perhaps(_policy: Policy, _standing: Standing) -> bool:
    return True


def in_office(_policy: Policy, standing: Standing) -> bool:
    """Offered to whoever holds any office."""
    return standing.any_office


def _with_access(_policy: Policy, standing: Standing) -> bool:
    return standing.has_access


@dataclass(frozen=True)
class Who:
    """One rule, or several of which one is enough. `words` say who, as half a sentence.

    `ever` says whether somebody might at all, whatever the form will name: only then is the act offered.
    `test` gets the context and the form. It answers in which right the person acts, or None. Where a
    better sentence than "Only … may" is known, it raises NotAllowed itself.
    """

    words: Words
    test: Test
    ever: Ever = _perhaps

    def parts(self, policy: Policy) -> tuple[str, ...]:
        """Who may, in the policy's own words: half a sentence for each who is enough."""
        words = self.words if isinstance(self.words, str) else self.words(policy)
        return (words,) if isinstance(words, str) else words

    def said(self, policy: Policy) -> str:
        """All of them as half a sentence."""
        return " or ".join(self.parts(policy))

    def __or__(self, other: "Who") -> "Who":
        async def either(context: ActContext, form: Any) -> Right | None:
            return await self.test(context, form) or await other.test(context, form)

        return Who(
            lambda policy: tuple(dict.fromkeys(self.parts(policy) + other.parts(policy))),
            either,
            lambda policy, standing: self.ever(policy, standing) or other.ever(policy, standing),
        )

    async def require(self, context: ActContext, form: Any, does: str, clauses: str = "") -> Right:
        """In which right the person acts. Raises NotAllowed, which names who may."""
        right = await self.test(context, form)
        if right is None:
            raise OnlyOthers(self.parts(context.policy), does, clauses)
        return right


async def _possible(context: ActContext) -> frozenset[RoleAt] | None:
    """The offices that may be theirs, in a session that sees one moment: all others need no look.

    None in a transaction that records, which asks for what it needs alone.
    """
    if MAY_HOLD not in context.session.info:
        return None
    return await may_hold(context.session, context.person_id, context.today)


async def holds(context: ActContext, *offices: RoleAt) -> Right | None:
    """The right of who acts by one of these offices today: as its holder, else as a deputy of today."""
    if (possible := await _possible(context)) is not None:
        offices = tuple(one for one in offices if one in possible)
    held = [one for office in offices for one in await holders(context.session, office, context.today)]
    mine = [Right(one.deputy_for, one.through) for one in held if one.person_id == context.person_id]
    return min(mine, key=lambda right: right.deputy_for is not None, default=None)


async def _is_empty(context: ActContext, office: str) -> bool:
    """Whether nobody who is there may act for an office of the division today."""
    return all(one.absent for one in await holders(context.session, RoleAt(office), context.today))


def offices(which: Callable[[Policy], tuple[str, ...]]) -> Who:
    """Whoever holds one of these offices of the division today, or deputizes.

    Where none of them has anybody who is there, the first office of their `deputies` in the policy that has.
    """

    async def test(context: ActContext, _form: Any) -> Right | None:
        wanted = which(context.policy)
        if (possible := await _possible(context)) is not None and not possible:
            return None
        right = await holds(context, *(RoleAt(one) for one in wanted))
        if right is not None or not all([await _is_empty(context, one) for one in wanted]):
            return right
        at_division = [one.id for one in context.policy.offices if one.at == "division"]
        chain = [next_one for one in wanted for next_one in context.policy.office(one).deputies]
        for office in dict.fromkeys(one for one in chain if one in at_division and one not in wanted):
            if not await _is_empty(context, office):
                return await holds(context, RoleAt(office))
        return None

    def words(policy: Policy) -> tuple[str, ...]:
        wanted = dict.fromkeys(which(policy))
        named = tuple(half("the {office}", office=policy.label(one)) for one in wanted)
        return named or (half("nobody under this policy"),)

    def ever(policy: Policy, standing: Standing) -> bool:
        wanted = which(policy)
        instead = {office for one in wanted for office in policy.office(one).deputies}
        return bool(standing.offices & (instead | set(wanted)))

    return Who(words, test, ever)


async def _anybody(_context: ActContext, _form: Any) -> Right | None:
    return Right()


async def _requester(context: ActContext, form: Any) -> Right | None:
    request = await lookup.by_id(context.session, AccountRequest, form.request)
    return Right() if request.requester_id == context.person_id else None


async def standing_of(context: ActContext) -> Standing:
    """What who acts is today, in person or as a deputy."""
    policy, person = context.policy, context.person_id
    access = select(Access.id).where(
        col(Access.person_id) == person, col(Access.state) == AccessState.GRANTED
    )
    deputized = select(Absence.person_id).where(
        col(Absence.deputy_id) == person,
        runs_on(Absence, context.today),
    )
    rows = await context.session.run(
        select(Role.kind, Role.school_id).where(
            or_(col(Role.person_id) == person, col(Role.person_id).in_(deputized)),
            runs_on(Role, context.today),
        )
    )
    held = [(str(office), school) for office, school in rows]
    return Standing(
        frozenset(kind for kind, school in held if school is None),
        (await context.session.run(access.limit(1))).first() is not None,
        any(kind == policy.duties.runs_school for kind, school in held if school is not None),
    )


def known_inside(context: ActContext, account_id: int) -> Mapping[str, str] | None:
    """The accesses of who acts to an account, by role, where the session knows them: see `now_known`."""
    kept: dict[tuple[int, int], Mapping[str, str]] = context.session.info.get(INSIDE, {})
    return kept.get((account_id, context.person_id))


def now_known(context: ActContext, account_id: int, states: Mapping[str, str]) -> None:
    """Whoever reads in a session that sees one moment has read which accesses who acts has to an account.

    `states`: by role, without those that were revoked. Nobody has to ask for them again.
    """
    context.session.info[INSIDE][account_id, context.person_id] = states


async def has_access(context: ActContext, account_id: int) -> bool:
    """Whether who acts has granted access to an account."""
    if (states := known_inside(context, account_id)) is not None:
        return AccessState.GRANTED in states.values()
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


def climbed(kind: ItemKind) -> Who:
    """Whoever holds an office to which an open item of this kind, about the form's account, has climbed."""

    async def test(context: ActContext, form: Any) -> Right | None:
        if (possible := await _possible(context)) is not None and not possible:
            return None
        account = await lookup.by_id(context.session, Account, form.account)
        about = Subject(SubjectKind.ACCOUNT, form.account)
        reached = await climbed_to(context.session, context.policy, kind, about, account.school_id)
        return await holds(context, *reached)

    return Who("an office that is asked because it is late", test, in_office)


def asked(kind: ItemKind) -> Who:
    """Whoever holds an office that an open item of this kind, about the form's account, is asked of."""

    async def test(context: ActContext, form: Any) -> Right | None:
        if (possible := await _possible(context)) is not None and not possible:
            return None
        items = await open_at(context.session, form.account)
        asked_of = {(one.role, one.role_school_id) for one in items if one.itself and one.kind is kind}
        return await holds(context, *(RoleAt(role, school) for role, school in asked_of if role))

    return Who("an office that is asked for it", test, in_office) | climbed(kind)


async def _self(context: ActContext, form: Any) -> Right | None:
    person = await lookup.person(context.session, form.person, must_be_active=False)
    return Right() if person.id == context.person_id else None


async def _own_school(context: ActContext, form: Any) -> Right | None:
    person: Person = await lookup.person(context.session, form.person, must_be_active=False)
    if person.school_id is None:
        return None
    return await holds(context, RoleAt(context.policy.duties.runs_school, person.school_id))


async def _approver(context: ActContext, form: Any) -> Right | None:
    account = await lookup.by_id(context.session, Account, form.account)
    policy = context.policy
    approving = policy.applying(Approval, level=account.level)
    deciding = [office_at(policy.office(one.decided_by), account.school_id) for one in approving]
    return await holds(context, *deciding, policy_office(policy))


async def _its_school(context: ActContext, form: Any) -> Right | None:
    account = await lookup.by_id(context.session, Account, form.account)
    if account.school_id is None:
        return None
    return await holds(context, RoleAt(context.policy.duties.runs_school, account.school_id))


#: Everybody who works here.
ANYBODY = Who("somebody who works here", _anybody)
REQUESTER = Who("who asked", _requester)
#: Somebody with granted access to the form's account.
ADMINISTRATOR = Who("an administrator with access to the account", _administrator, _with_access)
#: Who holds the office that can reach the form's account besides its administrators.
CUSTODIAN = Who("who keeps the account", _custodian, in_office)
#: Who approves accounts like the form's, and who keeps the policy.
APPROVER = Who(
    lambda policy: f"who approves such accounts, or the {policy.label(policy.duties.keeps_policy)},",
    _approver,
    in_office,
)
#: The administration of the school of the form's account.
ITS_SCHOOL = Who("the administration of the account's school", _its_school, in_office)
#: The person whom the form is about.
THEMSELVES = Who("the person", _self)
#: The administration of the school of the person whom the form is about.
THEIR_SCHOOL = Who("their school's administration", _own_school, in_office)
#: Who keeps the policy, and does what nobody nearer can.
POLICY_OFFICE = offices(lambda policy: (policy.duties.keeps_policy,))
#: Who suspends accounts at once, and brings them back.
SANCTION_OFFICE = offices(lambda policy: (decides_suspensions(policy).role,))
#: Who designates others to administer accounts.
DESIGNATING_OFFICE = offices(
    lambda policy: tuple(one.designated_by for one in policy.of(Administrators) if one.designated_by)
)
#: Who gives and ends offices.
GIVING_OFFICES = offices(lambda policy: policy.duties.gives_offices)
#: Who adopts a changed policy file.
ADOPTING_OFFICES = offices(lambda policy: policy.duties.adopts_policy)
#: Who takes files in and settles what they leave open.
FILES_OFFICES = offices(lambda policy: policy.duties.takes_in_files)
