"""Accounts by what people call them: forms, and the sentences of acts, have their numbers."""

import re
from collections.abc import Iterable, Mapping, Sequence

from starlette.requests import Request

from portal.asking import ground, person, signed_in
from schemas.errors import Unknown
from schemas.language import later, said, t
from tasks.accounts.reading import called, meant

#: The fields that are numbers of accounts.
OF_ACCOUNTS = frozenset({"account", "accounts", "strike"})
#: What they are called on a page, where nobody knows their numbers.
LABELS: Mapping[str, str] = {"account": later("Account"), "accounts": later("Accounts")}
_LONGEST_NUMBER = 9
_LONGEST_WORDS = 300
#: So many are looked up one by one, beside those that a form offers anyway.
_AT_MOST = 40
_SAID = re.compile(r"\b(?:[Aa]ccounts?|[Cc]omptes?) \d{1,9}(?:, \d{1,9})*(?!\d)")
_NUMBER = re.compile(r"\d+")


async def names(
    request: Request, numbers: Iterable[str], known: Mapping[str, str] | None = None
) -> Mapping[str, str]:
    """What people call these accounts, by number; those that who is signed in may not read are left out."""
    found = dict(known or {})
    asked = [
        one
        for one in dict.fromkeys(numbers)
        if one.isascii() and one.isdecimal() and len(one) <= _LONGEST_NUMBER and one not in found
    ]
    me = await signed_in(request) if asked else None
    if me is None:
        return found
    here = ground(request)
    policy = await here.policy()
    async with here.store.read() as session:
        for one in asked[:_AT_MOST]:
            if name := await called(session, policy, me.person, int(one), here.now()):
                found[one] = name
    return found


async def numbered(
    request: Request, typed: Mapping[str, Sequence[str]]
) -> tuple[Mapping[str, Sequence[str]], Mapping[str, str]]:
    """What was typed, with the number of each account given by its handle; and what is wrong, by field.

    Whatever leads to no account, or to several, stays as it was typed.
    """
    given = {
        name: [" ".join(one.split())[:_LONGEST_WORDS] for one in words]
        for name, words in typed.items()
        if name in OF_ACCOUNTS
    }
    asked = [one for words in given.values() for one in words if one and not one.isdecimal()]
    if not asked:
        return typed, {}
    here, me = ground(request), await person(request)
    policy, found, wrong = await here.policy(), dict[str, str](), dict[str, str]()
    async with here.store.read() as session:
        for name, words in given.items():
            for one in words:
                if one in asked[:_AT_MOST] and one not in found:
                    try:
                        found[one] = str(await meant(session, policy, me.person, one, here.now()))
                    except Unknown as error:
                        wrong.setdefault(name, error.shown)
    return {**typed, **{name: [found.get(one, one) for one in words] for name, words in given.items()}}, wrong


async def named(request: Request, sentence: str, known: Mapping[str, str] | None = None) -> str:
    """The sentence, with what people call each account beside its number."""
    numbers = [one for spoken_of in _SAID.findall(sentence) for one in _NUMBER.findall(spoken_of)]
    return with_names(sentence, await names(request, numbers, known)) if numbers else sentence


def with_names(sentence: str, found: Mapping[str, str]) -> str:
    """The same with names that were found: “Account 26 (@x on Facebook) is suspended”."""

    def each(number: re.Match[str]) -> str:
        name = found.get(number[0])
        return f"{number[0]} ({name})" if name else number[0]

    return _SAID.sub(lambda numbers: _NUMBER.sub(each, numbers[0]), sentence)


def in_words(
    field: str, options: Sequence[tuple[str, str]], value: Sequence[str], accounts: Mapping[str, str]
) -> str:
    """What was answered to a field, as people say it; of whole sentences, each on its line."""
    labels = {**(accounts if field in OF_ACCOUNTS else {}), **dict(options)}
    said_of = [
        t("yes") if one == "true" else t("no") if one == "false" else said(labels.get(one, one))
        for one in value
        if one.strip()
    ]
    whole = len(said_of) > 1 and any(one.endswith(".") for one in said_of)
    return "\n".join(said_of) if whole else ", ".join(said_of)
