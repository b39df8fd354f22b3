"""What people, schools and accounts are known by, and what is said where nobody is known so."""

import pytest
from sqlmodel import select

from schemas.accounts import Account
from schemas.errors import Unknown
from tasks.store import Store, lookup
from tests.factories.division import a_person, a_school, an_account, put


@pytest.fixture
async def filled(store: Store) -> Store:
    people = (a_person(1), a_person(2), a_person(3, active=False), a_person(4))
    people[3].given_name, people[3].family_name = people[1].given_name, people[1].family_name
    async with store.write() as session:
        await put(session, a_school(1), a_school(2), *people, an_account(5))
    return store


@pytest.mark.parametrize("known_as", ["person1@example.org", " Person1@Example.org ", "1", "given1  sample1"])
async def test_a_person_is_known_by_address_number_and_name(filled: Store, known_as: str) -> None:
    async with filled.read() as session:
        assert await lookup.person_id(session, known_as) == 1


@pytest.mark.parametrize(
    ("known_as", "shown"),
    [
        ("persom1@example.org", "did you mean person1@example.org?"),
        ("Given1 Sampel1", "did you mean Given1 Sample1?"),
        ("77", "Nobody here has the number 77;"),
        ("9" * 40, "Nobody here has the number"),
        ("Given2 Sample2", "2 people are called Given2 Sample2: say which number you mean, 2 (person2@"),
        ("3", "3 is somebody who has left"),
        ("", "Nobody here has the name"),
        ("given1", "did you mean Given1 Sample1 (person1@example.org)?"),
        ("SAMPLE2", "Given2 Sample2 (person2@example.org) or Given2 Sample2 (person4@example.org)?"),
        ("\u0661", "Nobody here has the name"),  # an Arabic 1
    ],
)
async def test_nobody_is_known_so(filled: Store, known_as: str, shown: str) -> None:
    async with filled.read() as session:
        with pytest.raises(Unknown) as refused:
            await lookup.person(session, known_as)
    assert shown in refused.value.shown
    assert not known_as or known_as not in str(refused.value)
    assert "Given" not in str(refused.value)


async def test_a_school_is_known_by_name_and_number(filled: Store) -> None:
    async with filled.read() as session:
        assert (await lookup.school(session, "sample school 2")).id == 2
        assert (await lookup.school(session, "2")).id == 2
        with pytest.raises(Unknown, match="did you mean Sample School"):
            await lookup.school(session, "Sampel School 2")


async def test_an_account_is_known_by_handle_and_number(filled: Store) -> None:
    async with filled.read() as session:
        known = await lookup.account(session, "5")
        assert (await lookup.account(session, known.handle.lstrip("@").upper())).id == 5
        with pytest.raises(Unknown, match="of the handle given") as refused:
            await lookup.account(session, known.handle + "x")
        assert "did you mean @" in refused.value.shown
        with pytest.raises(Unknown, match="no account 6"):
            await lookup.account(session, "6")


async def test_a_handle_that_nobody_has_is_not_an_account_without_an_address(filled: Store) -> None:
    async with filled.write(audited=False) as session:
        for account in (await session.exec(select(Account))).all():
            account.address = account.page_key = None
            session.add(account)
    async with filled.read() as session:
        with pytest.raises(Unknown, match="no account of the handle"):
            await lookup.account(session, "@nobody.has.this")
