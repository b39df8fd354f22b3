"""A list of the accounts that exist already, as a table: one account a row.

This module reads and checks what a row says by itself; whether its people and school are known is for
the caller, who adds to the same problems so that all of them are told at once.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from policy.controls.identify_owner import IdentifyOwner
from policy.identity import NoHandle, handle_of, is_written_as_one, named, one_line
from policy.known import vault_advice
from policy.model import Policy
from policy.model.checks import nearest
from schemas.errors import BadFile, Place
from schemas.forms import is_vault_reference
from schemas.secrets import looks_like_a_secret, says_a_password
from schemas.states import AccountState
from schemas.words import ChannelKind, CustodyMode
from tasks.files.columns import Columns
from tasks.files.dates import Order, Unreadable, day_of, order_of
from tasks.files.tabular import REFUSED_CELL, Problems, Row, Table, read_table

REQUIRED = ("level", "platform", "handle", "custody", "administrators", "state")
OPTIONAL = (
    "channel",
    "address",
    "platform id",
    "school",
    "purpose",
    "vault reference",
    "custodian is administrator",
    "live since",
    "privacy attested on",
    "privacy checklist",
    "responsibility accepted on",
    "guidelines acknowledged on",
    "notice seen on",
    "profile seen on",
    "credentials changed on",
    "administrators reviewed on",
)

#: The columns that hold a day.
DAYS = frozenset(one for one in OPTIONAL if one.endswith(" on")) | {"live since"}

#: Accounts of one list. They are taken in in one transaction, and nobody else records anything meanwhile.
ACCOUNTS_LIMIT = 5_000

#: What an account can be when it is found. A request that was withdrawn was never an account.
STATES = (
    AccountState.LIVE,
    AccountState.SUSPENDED,
    AccountState.PREPARING,
    AccountState.APPROVED,
    AccountState.CLOSED,
)

_YES, _NO = frozenset({"yes", "y", "true", "1", "x"}), frozenset({"", "no", "n", "false", "0"})
_LONGEST = {
    "handle": 100,
    "address": 2000,
    "platform id": 200,
    "vault reference": 200,
    "purpose": 4000,
    "privacy checklist": 40,
}
#: Where somebody might write a password. Handles and permanent ids look like passwords by nature.
_FREE = frozenset({"purpose", "privacy checklist"})

W = TypeVar("W", bound=str)


@dataclass(frozen=True)
class FoundAccount:
    """One row: an account as it was found. Addresses of people are lower case."""

    row: Row
    level: str
    channel: ChannelKind
    platform: str
    handle: str
    address: str | None
    platform_id: str | None
    school: str
    purpose: str
    custody: CustodyMode
    vault_reference: str | None
    custodian_is_administrator: bool
    administrators: tuple[str, ...]
    state: AccountState
    live_since: date | None
    privacy_attested_on: date | None
    privacy_checklist: str
    accepted_on: date | None
    acknowledged_on: date | None
    notice_seen_on: date | None
    profile_seen_on: date | None  # with the name and position of the first of its administrators
    password_changed_on: date | None
    administrators_reviewed_on: date | None

    @property
    def is_attested(self) -> bool:
        """Whether the row says something that somebody must vouch for."""
        days = (
            self.privacy_attested_on,
            self.accepted_on,
            self.acknowledged_on,
            self.notice_seen_on,
            self.profile_seen_on,
            self.password_changed_on,
            self.administrators_reviewed_on,
        )
        return any(days)


def read_inventory(
    source: Path | bytes,
    *,
    name: str,
    policy: Policy,
    today: date,
    problems: Problems,
    dates: Order | None = None,
    said: Columns | None = None,
) -> tuple[Table, list[FoundAccount]]:
    """Every row that is right by itself; what is wrong goes to `problems`, which the caller raises.

    `today` is the day in the division: nothing was attested or went live after it. `dates` says which comes
    first in days of digits, where the file leaves it open; `said` which columns have another name.
    Raises BadFile.
    """
    table = read_table(
        source,
        name=name,
        required=REQUIRED,
        known=OPTIONAL,
        problems=problems,
        said=said,
        rows_limit=ACCOUNTS_LIMIT,
    )
    found, rows = [], list(table.rows)
    order = dates or _order(table, rows)
    for row in rows:
        reader = _Reader(row, table, problems, policy, today, order)
        if (account := reader.account()) is not None:
            found.append(account)
    return table, found


def _order(table: Table, rows: Sequence[Row]) -> Order | None:
    """Which comes first in the days of this file, by all of them together."""
    columns = [one for one in OPTIONAL if one in DAYS]
    try:
        return order_of(row[column] for row in rows for column in columns)
    except Unreadable as error:
        raise BadFile(str(error), Place(table.file)) from None


class _Reader:
    """Reads the cells of one row and notes what is wrong with each."""

    def __init__(
        self, row: Row, table: Table, problems: Problems, policy: Policy, today: date, order: Order | None
    ) -> None:
        self.row, self.table, self.problems = row, table, problems
        self.policy, self.today, self.order = policy, today, order

    def wrong(self, column: str, what: str, *, show: bool = True) -> None:
        """Note what is wrong with a cell. A secret is not shown again."""
        value = self.row[column]
        place = self.table.place(self.row, column, value if show else None)
        self.problems.add(what, place, secret=not show and bool(value))

    def account(self) -> FoundAccount | None:
        """The row as an account; None when something is wrong with it."""
        before = self.problems.count
        level = self.level()
        platform = self.platform()
        channel = self.one_of("channel", tuple(ChannelKind)) if self.row["channel"] else self.usual(platform)
        custody = self.one_of("custody", tuple(CustodyMode))
        state = self.one_of("state", STATES)
        handle, purpose = self.text("handle"), self.text("purpose")
        platform_id, vault = self.text("platform id"), self.text("vault reference")
        address, people = self.page("address"), self.people()
        custodian = self.yes("custodian is administrator")
        since, attested = self.day("live since"), self.day("privacy attested on")
        accepted, acknowledged = (
            self.day("responsibility accepted on"),
            self.day("guidelines acknowledged on"),
        )
        seen, changed = self.day("notice seen on"), self.day("credentials changed on")
        profile, reviewed = self.day("profile seen on"), self.day("administrators reviewed on")
        self.read_attestations(seen=seen is not None, address=address)
        if profile:
            self.read_profile(level, people)
        self.read_rotation(custody, changed=changed is not None, reviewed=reviewed is not None)
        if not handle:
            self.wrong("handle", "every account has a handle; for a website give its name", show=False)
        if level is not None:
            self.read_school(level)
        if state is AccountState.LIVE and not self.row["administrators"]:
            self.wrong("administrators", "name at least one person who administers it", show=False)
        if handle and platform:
            handle = self.handle(handle, platform, has_page=bool(address))
        if self.problems.count > before or not (level and platform and channel and custody and state):
            return None
        return FoundAccount(
            row=self.row,
            level=level,
            channel=channel,
            platform=platform,
            handle=handle,
            address=address,
            platform_id=platform_id or None,
            school=one_line(self.row["school"]),
            purpose=purpose,
            custody=custody,
            vault_reference=vault or None,
            custodian_is_administrator=custodian,
            administrators=people,
            state=state,
            live_since=since,
            privacy_attested_on=attested,
            privacy_checklist=self.text("privacy checklist"),
            accepted_on=accepted,
            acknowledged_on=acknowledged,
            notice_seen_on=seen,
            profile_seen_on=profile,
            password_changed_on=changed,
            administrators_reviewed_on=reviewed,
        )

    def level(self) -> str | None:
        """The id of a level of official accounts; people's own are left out of the list."""
        levels = self.policy.levels
        official = tuple(one.id for one in levels if one.at != "person")
        if (level := self.match("level", official)) is not None:
            return level
        if self.match("level", tuple(one.id for one in levels)) is not None:
            self.wrong("level", "a personal account needs no approval: leave this row out")
        else:
            self.wrong("level", f"choose one of {', '.join(official)}")
        return None

    def platform(self) -> str | None:
        """The policy's platform of this name, or the one that is known under it."""
        said = self.row["platform"]
        if (found := named(self.policy.platforms, said)) is not None:
            if one_line(said).casefold() != found.name.casefold():
                self.table.note(f"{said!r} is {found.name} here.")
            return found.name
        known = tuple(one.name for one in self.policy.platforms)
        self.wrong("platform", f"choose one of {', '.join(known)}{nearest(self.row['platform'], known)}")
        return None

    def handle(self, said: str, platform: str, *, has_page: bool) -> str:
        """The handle in what was said. A page's own name does too where its address says which is meant."""
        there = self.policy.platform(platform)
        try:
            found = handle_of(said, there)
        except NoHandle as error:
            self.wrong("handle", f"{error}, and give the address in the column address")
            return said
        if not has_page and not is_written_as_one(found, there):
            self.wrong("handle", "write it without spaces, as it shows there, or give its page's address")
        return found

    def usual(self, platform: str | None) -> ChannelKind | None:
        """What an account on this platform usually is, where the list does not say."""
        return None if platform is None else self.policy.platform(platform).channel

    def read_school(self, level: str) -> None:
        """An account of a school names it, and no other."""
        found = self.policy.level(level)
        if found.at == "division" and self.row["school"]:
            self.wrong("school", f"a {found.label} account belongs to no school: leave this empty")
        elif found.at == "school" and not self.row["school"]:
            self.wrong("school", "name the school, as the roster does", show=False)

    def read_attestations(self, *, seen: bool, address: str | None) -> None:
        """What is attested goes with what it is about."""
        if self.row["privacy checklist"] and not self.row["privacy attested on"]:
            self.wrong("privacy checklist", "say on which day the settings were held against it")
        if seen and not address:
            self.wrong("notice seen on", "give the address of the page on which it was seen")

    def read_profile(self, level: str | None, people: tuple[str, ...]) -> None:
        """Some levels' profiles show a name, and it is the first administrator's."""
        if level is None:
            return
        if not self.policy.applying(IdentifyOwner, level=level):
            self.wrong(
                "profile seen on", "a profile of this level need not show name and position: leave this empty"
            )
        elif not people:
            self.wrong("profile seen on", "name the administrator whose name and position were seen")

    def read_rotation(self, custody: CustodyMode | None, *, changed: bool, reviewed: bool) -> None:
        """A shared password is changed; where there is none, the list is reviewed instead."""
        shared = custody is CustodyMode.SHARED_PASSWORD
        if changed and custody and not shared:
            self.wrong("credentials changed on", f"an account with {custody} has no password to change")
        if reviewed and shared:
            self.wrong(
                "administrators reviewed on", "its password is changed instead: say when, or leave this empty"
            )

    def match(self, column: str, allowed: tuple[W, ...]) -> W | None:
        """The word of a closed list that stands there; letter case does not matter."""
        value = " ".join(self.row[column].split()).casefold()
        return next((word for word in allowed if value == word.casefold()), None)

    def one_of(self, column: str, allowed: tuple[W, ...]) -> W | None:
        """The same; another word is wrong."""
        if (word := self.match(column, allowed)) is None:
            self.wrong(column, f"choose one of {', '.join(allowed)}")
        return word

    def text(self, column: str) -> str:
        """A text within its length; what people write freely holds no password."""
        value = " ".join(self.row[column].split())
        if len(value) > _LONGEST[column]:
            self.wrong(column, f"this is longer than {_LONGEST[column]} characters")
        if column == "vault reference":
            if value and not is_vault_reference(value, self.policy.secrets.vaults):
                self.wrong(column, vault_advice(self.policy), show=False)
        elif looks_like_a_secret(value) if column in _FREE else says_a_password(value):
            self.wrong(column, REFUSED_CELL, show=False)
        return value

    def page(self, column: str) -> str | None:
        """The address of a page."""
        value = self.row[column]
        if not value:
            return None
        if not value.lower().startswith(("https://", "http://")) or any(one.isspace() for one in value):
            self.wrong(column, "a page's address starts with https:// and has no spaces")
        if len(value) > _LONGEST[column]:
            self.wrong(column, f"this is longer than {_LONGEST[column]} characters")
        if says_a_password(value):
            self.wrong(column, REFUSED_CELL, show=False)
        return value

    def yes(self, column: str) -> bool:
        """Yes or no; empty is no."""
        value = self.row[column].casefold()
        if value not in _YES | _NO:
            self.wrong(column, "say yes or no")
        return value in _YES

    def day(self, column: str) -> date | None:
        """A day that is not still to come; empty is not known."""
        value = self.row[column]
        if not value:
            return None
        try:
            day = day_of(value, self.order)
        except Unreadable as error:
            self.wrong(column, str(error))
            return None
        if day > self.today:
            self.wrong(column, "this day is still to come")
        return day

    def people(self) -> tuple[str, ...]:
        """Addresses, separated by spaces, semicolons or commas; each once."""
        words = [word.lower() for word in re.split(r"[\s;,]+", self.row["administrators"]) if word]
        for word in words:
            if "@" not in word:
                self.wrong("administrators", f"{word!r} is not an e-mail address")
        return tuple(dict.fromkeys(words))
