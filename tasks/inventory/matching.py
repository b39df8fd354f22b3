"""Which account of ours each row of a list is: by the platform's own id, then the handle, then the page.

Pure: rows and accounts in, matches out. What contradicts itself, and what only looks the same, goes to the
problems of the table for a person to say.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from policy.identity import Keys, handle_key, keys, looks, page_key
from policy.model import Policy
from schemas.states import AccountState
from schemas.words import ChannelKind, CustodyMode
from tasks.files.inventory import FoundAccount
from tasks.files.tabular import Table
from tasks.store.same import ENDED

CALLED = {"platform_key": "platform id", "handle_key": "handle", "page_key": "address"}


@dataclass(frozen=True)
class KnownAccount:
    """An account as the store has it. `administrators`: the addresses of those whose access has not ended."""

    id: int
    version: int
    state: AccountState
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
    administrators: frozenset[str]
    closes: bool = False  # its last day is announced

    @property
    def ended(self) -> bool:
        """Whether nothing of it is in use."""
        return self.state in ENDED


@dataclass(frozen=True)
class Change:
    """One thing that the list says otherwise than the store: `before` here, `after` there."""

    what: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.what} {self.before or '-'} → {self.after or '-'}"


@dataclass(frozen=True)
class Known:
    """A row of an account that we have, and what it says otherwise."""

    account: KnownAccount
    row: FoundAccount
    changes: tuple[Change, ...]


@dataclass
class Matched:
    """`new`: accounts that we don't have. `spelled`: sentences about one account in several rows.

    `missing`: live accounts of ours that no row is of.
    """

    new: list[FoundAccount] = field(default_factory=list)
    known: list[Known] = field(default_factory=list)
    spelled: list[str] = field(default_factory=list)
    missing: list[KnownAccount] = field(default_factory=list)


def keys_of(policy: Policy, one: FoundAccount | KnownAccount) -> Keys:
    """By what an account of a list or of the store is known."""
    platform = next((its for its in policy.platforms if its.name == one.platform), None)
    return keys(platform, one.handle, one.address, one.platform_id, one.channel)


def match(
    table: Table,
    found: Sequence[FoundAccount],
    accounts: Iterable[KnownAccount],
    policy: Policy,
    distinct: Collection[str],
) -> Matched:
    """Match every row. `distinct`: handles that are accounts of their own though others look the same."""
    matcher = _Matcher(table, accounts, policy, {handle_key(one) for one in distinct})
    for row in found:
        matcher.take(row)
    live = {one.id: one for one in matcher.open.values() if one.state is AccountState.LIVE}
    matcher.matched.missing += [live[number] for number in sorted(live.keys() - matcher.first.keys())]
    return matcher.matched


class _Matcher:
    def __init__(
        self, table: Table, accounts: Iterable[KnownAccount], policy: Policy, distinct: set[str]
    ) -> None:
        self.table, self.policy, self.distinct = table, policy, distinct
        self.matched = Matched()
        self.open: dict[tuple[str, str, str], KnownAccount] = {}
        self.ended: dict[tuple[str, str, str], KnownAccount] = {}
        self.looks: dict[tuple[str, str], str] = {}  # how a handle looks: how whose it is is said
        self.rows: dict[tuple[str, str, str], FoundAccount] = {}
        self.first: dict[int, FoundAccount] = {}  # the first row of a known account, by its number
        for one in accounts:
            its = keys_of(policy, one)
            at = self.ended if one.ended else self.open
            for name, key in vars(its).items():
                if key is not None:
                    at[(one.platform, name, key)] = one
            if not one.ended:
                self.looks[(one.platform, looks(its.handle_key))] = (
                    f"account {one.id} ({policy.says_account(one.platform, one.handle)})"
                )

    def wrong(self, row: FoundAccount, column: str, what: str) -> None:
        self.table.problems.add(what, self.table.place(row.row, column, row.row[column]))

    def take(self, row: FoundAccount) -> None:
        """Find whose the row is."""
        its = keys_of(self.policy, row)
        named = [(row.platform, name, key) for name in CALLED if (key := getattr(its, name)) is not None]
        hits = {one[1]: self.open[one] for one in named if one in self.open}
        if row.state in ENDED and not hits:
            if not any(one in self.ended for one in named):
                self.matched.new.append(row)
            else:
                self.matched.known.append(
                    Known(next(self.ended[one] for one in named if one in self.ended), row, ())
                )
            return
        if len({one.id for one in hits.values()}) > 1:
            said = " and ".join(f"the {CALLED[name]} of account {one.id}" for name, one in hits.items())
            self.wrong(row, "handle", f"this row has {said}: mend the one that is wrong")
        elif hits:
            self._known(row, next(iter(hits.values())), its)
        elif (one := self._same_in_file(named)) is not None:
            self._once_more(row, one)
        elif self._only_looks(row, its):
            pass
        else:
            for key in named:
                self.rows[key] = row
            self.looks[(row.platform, looks(its.handle_key))] = f"line {row.row.line}"
            self.matched.new.append(row)

    def _same_in_file(self, named: Sequence[tuple[str, str, str]]) -> FoundAccount | None:
        return next((self.rows[one] for one in named if one in self.rows), None)

    def _only_looks(self, row: FoundAccount, its: Keys) -> bool:
        """Whether another handle looks like this one, and nobody said that both are there."""
        whose = self.looks.get((row.platform, looks(its.handle_key)))
        if whose is None or its.handle_key in self.distinct:
            return False
        self.wrong(
            row,
            "handle",
            f"it looks like the handle of {whose} and is written with other signs: type it again, or, if it "
            "is an account of its own, say so with --distinct and this handle",
        )
        return True

    def _known(self, row: FoundAccount, account: KnownAccount, its: Keys) -> None:
        theirs = keys_of(self.policy, account)
        if its.platform_key and theirs.platform_key and its.platform_key != theirs.platform_key:
            self.wrong(
                row,
                "platform id",
                f"account {account.id} has this handle or page under another id: mend the id, or, if it is "
                f"another account, close account {account.id} first",
            )
            return
        if (before := self.first.get(account.id)) is not None:
            self._once_more(row, before)
            return
        self.first[account.id] = row
        self.matched.known.append(Known(account, row, _changes(account, row, its, theirs)))

    def _once_more(self, row: FoundAccount, before: FoundAccount) -> None:
        """A second row of one account: taken once where both say the same, however they are spelled."""
        line = before.row.line
        if handle_key(row.handle) != handle_key(before.handle):
            self.wrong(
                row, "handle", f"line {line} is the same account under another handle: keep one of them"
            )
        elif said := _says_otherwise(row, before, self.policy):
            self.wrong(
                row, "handle", f"line {line} is the same account and says otherwise: {said}; keep one of them"
            )
        else:
            self.matched.spelled.append(
                f"lines {line} and {row.row.line} are one account, "
                f"{before.row['handle']!r} and {row.row['handle']!r}: taken once"
            )


def _says_otherwise(row: FoundAccount, before: FoundAccount, policy: Policy) -> str:
    """What two rows of one account say differently, by column."""
    differing = [
        column.replace("_", " ")
        for column in ("level", "channel", "school", "custody", "state", "vault_reference", "live_since")
        if getattr(row, column) != getattr(before, column)
    ]
    if set(row.administrators) != set(before.administrators):
        differing.append("administrators")
    its, theirs = keys_of(policy, row), keys_of(policy, before)
    differing += [
        CALLED[name]
        for name in ("platform_key", "page_key")
        if getattr(its, name) and getattr(theirs, name) and getattr(its, name) != getattr(theirs, name)
    ]
    return ", ".join(differing)


def _changes(account: KnownAccount, row: FoundAccount, its: Keys, theirs: Keys) -> tuple[Change, ...]:
    """What the row says otherwise than the store. An empty cell says nothing."""
    say: Mapping[bool, str] = {True: "yes", False: "no"}
    pages = (its.page_key or page_key(row.address, None), theirs.page_key or page_key(account.address, None))
    kept = (account.custodian_is_administrator, row.custodian_is_administrator)
    theirs_are = " ".join(sorted(account.administrators))
    admins = set(row.administrators)
    everything: Sequence[tuple[str, object, object, bool]] = (
        ("state", account.state, row.state, not (account.closes and row.state in ENDED)),
        ("handle", account.handle, row.handle, its.handle_key != theirs.handle_key),
        ("address", account.address, row.address, pages[0] != pages[1]),
        ("platform id", account.platform_id, row.platform_id, its.platform_key != theirs.platform_key),
        ("level", account.level, row.level, row.level != account.level),
        ("school", account.school, row.school, row.school != account.school),
        ("custody", account.custody, row.custody, row.custody is not account.custody),
        ("vault reference", account.vault_reference, row.vault_reference, True),
        ("purpose", account.purpose, row.purpose, True),
        (
            "custodian is administrator",
            say[kept[0]],
            say[kept[1]] if row.row["custodian is administrator"] else "",
            kept[0] != kept[1],
        ),
        ("administrators", theirs_are, " ".join(row.administrators), admins != account.administrators),
    )
    return tuple(
        Change(what, "" if before is None else str(before), str(after))
        for what, before, after, differs in everything
        if after and after != before and differs
    )
