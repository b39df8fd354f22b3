"""Telling a password from prose. Steward keeps vault references; a secret is refused with advice.

Keys of services are known by how they begin, passwords that people make up by the words around them and by
their shapes. How well, is measured: docs/secrets.md.
"""

import math
import re
import unicodedata
from collections import Counter
from html import unescape
from urllib.parse import unquote

_WORDS = (
    r"(?<![\w-])"
    r"(?:pass\s?-?(?:word|code|phrase)s?|p a s s w o r d|pwd|passwd|pw|pin|nip|(?:api|access|secret)[ _-]?key"
    r"|(?:recovery|backup) codes?|secret|token|mots? de passe|mdp"
    r"|cl[ée] (?:api|secr[èe]te)|code d['’]acc[èe]s)"  # noqa: RUF001 - a typographic apostrophe
)

#: "password: hunter2", whatever follows; a word or two in brackets may stand between.
_SAYS_SO = re.compile(
    rf"{_WORDS}\s*(?:\([^)]{{0,20}}\)\s*)?(?:is:|=|:|:=|->|→|–)\s*\S{{3,}}|(?<![\w-])pass\s*[:=]\s*\S{{3,}}",  # noqa: RUF001
    re.IGNORECASE,
)
#: "password for the page: lakeside99", "mot de passe du compte est …": up to five words between.
_OF_SOMETHING = re.compile(
    rf"{_WORDS}(?:\s+[^\s:=]+){{1,5}}?\s*(?::|=|\s(?:is|est|to)\s)\s*[\"'“«]?\s?(\S{{3,}})", re.IGNORECASE
)
#: "the password is hunter2", "password hunter2": only a word that prose would not have there.
_MAY_SAY_SO = re.compile(rf"{_WORDS}\b\s+(?:(?:is|est|to)\s+)?[\"'“«]?\s?(\S{{3,}})", re.IGNORECASE)
#: "the password is sunshine", and nothing after it.
_LAST_WORD = re.compile(rf"{_WORDS}\s+(?:is|est)\s+[\"'“«]?\s?(\w{{3,}})[\"'”»]?\W*$", re.IGNORECASE)
#: "password "sunshine""; "credentials are lakeside / Otter1999"; "is the password" at the end.
_QUOTED = re.compile(rf"{_WORDS}\s+[\"“«]\s?\S{{3,}}", re.IGNORECASE)
_IS_ONE = re.compile(r"^\S{8,}\s+(?:is|est)\s+(?:the password|le mot de passe)\b", re.IGNORECASE)
_LOGIN = re.compile(
    r"(?<![\w-])(?:user(?:name)?|login|credentials|identifiants?)\s*(?:are|is|:)?\s+\S+\s*[/,]\s*\S*\d\S*",
    re.IGNORECASE,
)
#: A code counts where digits follow it at once: a dress code is none.
_CODE = re.compile(r"(?<!postal )(?<!school )\bcode\s*(?:is|est|:|=)\s*\d{4,}", re.IGNORECASE)
#: "changed it to Lakeside77", "the new one is Badgers#26".
_NEW = re.compile(
    r"\b(?:(?:changed|set|reset)\s+(?:it\s+)?to|chang[ée]e?\s+pour"
    r"|(?:it|the new one) is(?: now)?|nouveau\s*:)"
    r"\s*(\S{6,})",
    re.IGNORECASE,
)
_PARTICIPLE = re.compile(
    r"(?:\w+(?:ed|ée?s?)|kept|known|lost|safe|secret|hidden|there|secure|wrong)", re.IGNORECASE
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d\W*")

_IN_AN_ADDRESS = re.compile(r"://[^/\s:@]{1,200}:[^/\s@]{1,200}@")
_ADDRESS = re.compile(
    r"(https?://\S+|www\.\S+|\b(?:javascript|vbscript):\S*|\bdata:\w+/\S*|\b(?:op|bw)://[^\n]*|(?<!\S)[\w-]+(?:\.[\w-]+)+/\S*"
    r"|(?<!\S)[(<\[\"'“«]?[\w.+\-]+@[\w\-]+\.[\w.\-]+|(?<!\S)\(?[@#][\w.\-]+)",
    re.IGNORECASE,
)
#: A file's name, a platform's own id of a channel, a number that may be anything.
_NAMED_THING = re.compile(
    r"[\w().\- ]+\.(?:jpe?g|png|gif|heic|pdf|docx?|xlsx?|pptx?|csv|txt|zip|mp4|mov)|UC[\w-]{22}"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+Z?",
    re.IGNORECASE,
)
#: A name as vaults have them: Lakeside, LakesideInstagram, YouTube2026, Grade7.
_NAME = re.compile(r"[^\W\d_]?[a-zà-ÿ]+(?:[A-Z][a-zà-ÿ]+){0,4}\d{0,4}")
#: hipvub-Cyzqe6-zefnaj, as browsers and phones propose them.
_PROPOSED = re.compile(r"[A-Za-z0-9]{6}(?:-[A-Za-z0-9]{6}){2,5}")

_SEASONS = (
    "spring|summer|autumn|fall|winter|printemps|[ée]t[ée]|automne|hiver|january|february|march|april|june|july"
    "|august|september|october|november|december|janvier|f[ée]vrier|mars|avril|juin|juillet|ao[uû]t|septembre"
    "|octobre|novembre|d[ée]cembre"
)
#: What people begin a password with, and a number behind it.
_USUAL = re.compile(
    rf"(?:{_SEASONS}|password|passw0rd|motdepasse|welcome|bienvenue|bonjour|qwerty|azerty|letmein|iloveyou|admin"
    r"|administrator|changeme|hunter|trustno|abc123?)\d{1,5}\W*|1234567\d*",
    re.IGNORECASE,
)
#: A word, a number, a sign: Lakeside2026!, Eagles#1Fan, Castor*1987.
_WORD_NUMBER_SIGN = re.compile(
    r"[^\W\d_]{4,}(?:\d{2,}[!@#$%&*+=?]+|[!@#$%&*+=]+\d+\w*!?)|[^\W\d_]+[!@#$%&*][^\W\d_]+\d+\W*"
)
#: Letters that are signs or digits within a word: P@ssword, B3stSch00l!, L4k3s1de!
_LEET = re.compile(
    r"[^\W\d_]+[@$][a-z$@\d]{3,}[!\d]*|(?=(?:\D*\d){2})[^\W\d_]+\d+[^\W\d_]+\d*\w*!"
    r"|(?=.*\d.*[a-z].*\d.*[a-z])[A-Z]\d[A-Za-z]+\d+[a-z]+|(?=.*0)[A-Z][\da-zA-Z]+!"
)
_HEXADECIMAL = re.compile(r"(?=.*[a-f])(?=.*\d)[0-9a-f]{24,}")
_LONG_ENOUGH, _MIXED, _DENSE, _SHORT, _LONGEST = 8, 3, 2.75, 6, 200
#: Keys, tokens and addresses of services that let in whoever has them, and private keys.
_KEYS = re.compile(
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[\w-]{30,}|github_pat_\w{20,}|gh[pousr]_\w{20,}|glpat-[\w-]{15,}"
    r"|\b[sr]k[-_](?:live_|test_|proj-)?[\w-]{20,}|\bEAA[A-Za-z0-9]{20,}|ya29\.[\w-]{20,}|npm_\w{30,}"
    r"|pypi-[\w-]{20,}|SG\.[\w-]{20,}|xox[abprs]-[\w-]{20,}|hooks\.slack\.com/services/\S+|AccountKey="
    r"|\beyJ[\w-]{10,}\.|PRIVATE KEY"
)
#: What a page is made of: people copy it, and those who try a form out type it.
_TAG = re.compile(
    r"<!--|-->|</?(?:a|abbr|audio|b|base|blockquote|body|br|button|center|code|dd|details|div|dl|dt|em|embed"
    r"|font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input|label|li|link|main|math|meta|nav|object"
    r"|ol|option|p|pre|q|s|script|section|select|small|span|strong|style|sub|summary|sup|svg|table|tbody|td"
    r"|textarea|tfoot|th|thead|title|tr|u|ul|video)(?=[\s/>])([^<>]{0,500})>",
    re.IGNORECASE,
)
#: Of a tag, what is shown.
_IN_TAG = re.compile(r"(?:alt|content|label|placeholder|title|value)\s*=\s*[\"']?([^\"'>]*)", re.IGNORECASE)
_STRIPPED = ".,;:!?()[]\"'“”‘’«»"  # noqa: RUF001 - typographic quotes


def _plain(text: str) -> str:
    """The text in one form of its letters, without characters that nobody sees."""
    wide = unicodedata.normalize("NFKC", text)
    return "".join(one for one in wide if unicodedata.category(one) != "Cf")


def _without_markup(text: str) -> str:
    """The words of a page's source, without its tags; entities are the signs that they stand for."""
    if "%3c" in text.lower():
        text = unquote(text)
    if "<" not in text and "&" not in text:
        return text
    return _TAG.sub(lambda tag: f" {' '.join(_IN_TAG.findall(tag[1] or ''))} ", unescape(text))


def says_a_password(text: str) -> bool:
    """Whether a text names a password and says it, or has one in an address."""
    return _says_a_password(_plain(text))


def _says_a_password(text: str) -> bool:
    asked = (_SAYS_SO, _IN_AN_ADDRESS, _QUOTED, _IS_ONE, _LOGIN, _CODE)
    if any(one.search(text) for one in asked):
        return True
    if any(_is_odd(word) for one in (_MAY_SAY_SO, _OF_SOMETHING) for word in one.findall(text)):
        return True
    if any(_is_odd(word) and not _ADDRESS.search(word) for word in _NEW.findall(text)):
        return True
    last = _LAST_WORD.search(text)
    return last is not None and _PARTICIPLE.fullmatch(last.group(1)) is None


def _is_odd(word: str) -> bool:
    return any(letter.isdigit() for letter in word) and _DAY.fullmatch(word) is None


def looks_like_a_secret(text: str) -> bool:
    """Whether a free text says a password, or holds a word that looks made to be one.

    A word counts that has the shape of a usual password (a season and a year, a word with a number and a
    sign), is a key of a service, or is eight characters or longer and mixes at least three of lower case,
    upper case, digits and signs within itself, with little repetition. Addresses, handles, names of files and
    the tags of pages do not count, nor does a path's or a hyphened name's part that is a plain name.
    """
    text = _without_markup(_plain(text))
    if _says_a_password(text) or _KEYS.search(text):
        return True
    if any(_is_proposed(word.strip(_STRIPPED + "@#")) for word in text.split()):
        return True
    rest = _ADDRESS.sub(" ", text)
    return not _is_named(rest.strip()) and any(_is_made_up(one) for one in rest.split() if not _is_named(one))


def _is_named(text: str) -> bool:
    return len(text) <= _LONGEST and _NAMED_THING.fullmatch(text.strip(_STRIPPED)) is not None


def _is_made_up(word: str) -> bool:
    """Whether one word looks like a password."""
    if len(word) > _LONGEST:
        return _is_dense(word)
    bare = word.strip(".,;:?()[]\"'“”‘’«»")  # noqa: RUF001 - a "!" at its end belongs to a password
    shapes = (_USUAL, _WORD_NUMBER_SIGN, _LEET, _HEXADECIMAL)
    if any(one.fullmatch(bare) for one in shapes) or _is_proposed(bare) or _is_short_and_mixed(bare):
        return True
    return any(_is_dense(part) for part in _parts(word))


def _is_proposed(word: str) -> bool:
    return (
        _PROPOSED.fullmatch(word) is not None
        and any(letter.isdigit() for letter in word)
        and any(letter.isupper() for letter in word)
    )


def _is_short_and_mixed(word: str) -> bool:
    """Six or more characters with lower and upper case, a digit, and a sign within: Kf!29x."""
    inner = word[1:-1]
    return (
        len(word) >= _SHORT
        and any(letter in "!@#$%&*+=" for letter in inner)
        and any(letter.isdigit() for letter in word)
        and any(letter.islower() for letter in word)
        and any(letter.isupper() for letter in word)
    )


def _parts(word: str) -> list[str]:
    """A word as it stands, or its parts where it is a path or names joined by hyphens."""
    core = word.strip(_STRIPPED)
    joined = r"[/\\._–-]"  # noqa: RUF001 - an en dash; a path may end in a handle: vault/x/lakeside.grade3
    parts = re.split(joined, core)
    named = all(part.isdigit() or part.isalpha() or _NAME.fullmatch(part) for part in parts if part)
    return [] if named and len(parts) > 1 else [core]


def _is_dense(word: str) -> bool:
    core = word.strip(_STRIPPED)
    if len(core) < _LONG_ENOUGH or _NAME.fullmatch(core):
        return False
    kinds = (
        any(letter.islower() for letter in core),
        any(letter.isupper() for letter in core[1:]),  # a capital at the start is prose
        any(letter.isdigit() for letter in core),
        any(not letter.isalnum() and letter not in "-–'’" for letter in core),  # noqa: RUF001 - both dashes
    )
    counts = Counter(core)
    entropy = -sum(n / len(core) * math.log2(n / len(core)) for n in counts.values())
    return sum(kinds) >= _MIXED and entropy >= _DENSE
