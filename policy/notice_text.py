"""Whether a page carries the notice that its division asks for: statement by statement, word by word.

A statement is exact when all its words stand on the page one after the other as a sentence of their own.
There is no threshold: a notice of another board that shares most of its words is not this notice. White
space, letter case, punctuation, list numbers and bullets do not count. What stands between them does not
count either, and neither does their order: the policy asks for the disclaimers to be there, and each is
a whole sentence by itself. A different order is said in the detail, so that a reader knows. A sentence
right before or behind a statement that takes it back ("does not apply here") makes it an altered one.

Where nearly nothing of the notice is on the page, it is missing, and no difference is shown: two texts about
the same matter share words by chance.
"""

import re
from collections import Counter
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from policy.notice_beside import may_take_back, takes_back
from policy.notice_words import Words, difference, nearest
from schemas.words import PageVerdict

MAX_CHARACTERS = 2_000_000  # of a page's text; what is longer is judged by its first and last half
_SHARED_AT_LEAST = 0.6  # fewer shared words than this and it is no altered statement but a missing one
_FOUND_AT_LEAST = 0.25  # of the statements, exact or altered: fewer, and the page has another text
_PLACES = 3  # how many places on the page are looked at for each statement that is not exact
_LIST_MARKER = re.compile(r"^\s*(?:\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]|[-\u2022\u00b7*])\s+", re.IGNORECASE)
_EXAMPLE = 200  # characters of a difference in the one-sentence detail
_BESIDE = 30  # words before and behind a statement in which its neighbouring sentence is looked for


class Statement(BaseModel):
    """One statement of the notice. The id is what a person is told: `item-2`, `closing`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    text: str = Field(min_length=1, max_length=4000)


class NoticeText(BaseModel):
    """The notice in one version, split into the statements that each must stand on the page."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str = Field(min_length=1, max_length=40)
    statements: tuple[Statement, ...] = Field(min_length=1, max_length=50)


@dataclass(frozen=True)
class StatementJudgement:
    """What the page shows of one statement: exact, altered (with `difference`) or missing."""

    id: str
    text: str
    verdict: PageVerdict
    difference: str = ""


@dataclass(frozen=True)
class Judgement:
    """What a text shows of the notice. `detail` is one sentence for the account's administrator.

    `doubted`: a sentence beside the notice that may take it back, so that a reader must say.
    """

    version: str
    verdict: PageVerdict
    statements: tuple[StatementJudgement, ...]
    in_order: bool
    detail: str
    doubted: str = ""

    def rows(self) -> list[dict[str, str]]:
        """The statements as schemas.evidence.PageCheck keeps them."""
        return [{"id": s.id, "verdict": str(s.verdict), "difference": s.difference} for s in self.statements]


@dataclass(frozen=True)
class _Wanted:
    """A statement, ready to be looked for. `own` is the mark that ends it in the policy."""

    statement: Statement
    words: Words
    own: str

    @classmethod
    def of(cls, statement: Statement) -> "_Wanted":
        text = _LIST_MARKER.sub("", statement.text).strip()
        return cls(statement, Words.of(text), text[-1:] if not text[-1:].isalnum() else "")


def judge(page_text: str, notice: NoticeText) -> Judgement:
    """Hold a page's text against the notice. Bounded: about a second for two million characters.

    Raises ValueError when a statement of the notice has no word in it: the policy file is wrong then.
    """
    if len(page_text) > MAX_CHARACTERS:
        half = MAX_CHARACTERS // 2
        page_text = f"{page_text[:half]}\n{page_text[-half:]}"
    wanted = [_Wanted.of(statement) for statement in notice.statements]
    if empty := next((w.statement.id for w in wanted if not len(w.words)), None):
        msg = f"Statement {empty} of the notice has no words."
        raise ValueError(msg)
    page = Words.of(page_text)
    found = _exact(page, wanted)
    taken_back = _taken_back(page, wanted, found)
    votes = _votes(page, [w for w in wanted if w.statement.id not in found])
    statements = _unless_unrelated(tuple(_judged(page, w, found, taken_back, votes) for w in wanted))
    places = [found[s.id] for s in statements if s.id in found]
    in_order = places == sorted(places)
    verdicts = {s.verdict for s in statements}
    verdict = next(
        (v for v in (PageVerdict.ALTERED, PageVerdict.MISSING) if v in verdicts),
        PageVerdict.EXACT,
    )
    doubted = _doubted(page, wanted, found) if verdict is PageVerdict.EXACT else ""
    detail = _detail(statements, in_order=in_order)
    return Judgement(notice.version, verdict, statements, in_order, detail, doubted)


def _exact(page: Words, wanted: list[_Wanted]) -> dict[str, int]:
    """Statement id → index of its first word, for those that stand on the page as sentences of their own.

    Where the marks between statements are gone, a neighbouring statement is as good an end as a full stop.
    """
    places = {w.statement.id: list(page.occurrences(w.words)) for w in wanted}
    starts = {at for found in places.values() for at in found}
    ends = {at + len(w.words) for w in wanted for at in places[w.statement.id]}

    def begins(at: int) -> bool:
        numbered = at > 0 and page.numbered(at - 1)
        return page.begins(at) or at in ends or (numbered and (page.begins(at - 1) or at - 1 in ends))

    def stops(end: int, own: str) -> bool:
        return page.ends(end - 1, own) or end in starts or (end + 1 in starts and page.numbered(end))

    exact: dict[str, int] = {}
    for w in wanted:
        for at in places[w.statement.id]:
            if begins(at) and stops(at + len(w.words), w.own):
                exact[w.statement.id] = at
                break
    return exact


def _taken_back(page: Words, wanted: list[_Wanted], found: dict[str, int]) -> dict[str, str]:
    """Statement id → the sentence beside it that takes it back, for exact ones."""
    back: dict[str, str] = {}
    for key, (before, behind) in _beside(page, wanted, found).items():
        for low, high in (*before[:1], *behind[:1]):
            sentence = page.written(low, high)
            if takes_back(sentence):
                back[key] = sentence
    return back


def _doubted(page: Words, wanted: list[_Wanted], found: dict[str, int]) -> str:
    """A sentence beside a statement that may take it back: only a reader can say."""
    for before, behind in _beside(page, wanted, found).values():
        for number, (low, high) in enumerate(before):
            leads_in = number == 0 and ":" in page.between(high - 1, high)
            if may_take_back(page.written(low, high), beside=number == 0, leads_in=leads_in):
                return page.written(low, high)
        for number, (low, high) in enumerate(behind):
            if may_take_back(page.written(low, high), beside=number == 0, leads_in=False):
                return page.written(low, high)
    return ""


_Spans = list[tuple[int, int]]


def _beside(page: Words, wanted: list[_Wanted], found: dict[str, int]) -> dict[str, tuple[_Spans, _Spans]]:
    """Statement id → the two sentences before it and the two behind it, the nearest first."""
    spans = {w.statement.id: (found[w.statement.id], found[w.statement.id] + len(w.words)) for w in wanted
             if w.statement.id in found}  # fmt: skip
    starts, ends = {start for start, _ in spans.values()}, {end for _, end in spans.values()}
    beside: dict[str, tuple[_Spans, _Spans]] = {}
    for key, (start, end) in spans.items():
        before, behind = [], []
        low, high = start, end
        for _ in range(2):
            if low not in ends:
                before.append(_sentence_before(page, low, ends))
                low = before[-1][0]
            if high not in starts:
                behind.append(_sentence_behind(page, high, starts))
                high = behind[-1][1]
        beside[key] = (
            [one for one in before if one[0] < one[1]],
            [one for one in behind if one[0] < one[1]],
        )
    return beside


def _sentence_before(page: Words, start: int, ends: set[int]) -> tuple[int, int]:
    low = start
    while low > max(0, start - _BESIDE) and low not in ends:
        low -= 1
        if low < start and page.begins(low):
            break
    return low, start


def _sentence_behind(page: Words, end: int, starts: set[int]) -> tuple[int, int]:
    high = end
    while high < min(len(page), end + _BESIDE) and high not in starts:
        high += 1
        if page.ends(high - 1):
            break
    return end, high


def _votes(page: Words, wanted: list[_Wanted]) -> dict[str, list[int]]:
    """Where on the page each statement may stand, by the runs of three words that they share."""
    runs: dict[tuple[str, str, str], list[tuple[str, int, int]]] = {}
    for w in wanted:
        f = w.words.folded
        width = max(4, len(f) // 4)
        for at, run in enumerate(zip(f, f[1:], f[2:], strict=False)):
            runs.setdefault(run, []).append((w.statement.id, at, width))
    counts: dict[str, Counter[int]] = {w.statement.id: Counter() for w in wanted}
    if runs:
        f = page.folded
        for at, run in enumerate(zip(f, f[1:], f[2:], strict=False)):
            for statement_id, offset, width in runs.get(run, ()):
                counts[statement_id][(at - offset) // width * width] += 1
    return {key: [place for place, _ in count.most_common(_PLACES)] for key, count in counts.items()}


def _judged(
    page: Words,
    w: _Wanted,
    found: dict[str, int],
    taken_back: dict[str, str],
    votes: dict[str, list[int]],
) -> StatementJudgement:
    key, text = w.statement.id, w.statement.text
    if key in taken_back:
        return StatementJudgement(key, text, PageVerdict.ALTERED, f"{{+{taken_back[key]}+}} {_opening(text)}")
    if key in found:
        return StatementJudgement(key, text, PageVerdict.EXACT)
    return _not_exact(page, w, votes[key])


def _unless_unrelated(statements: tuple[StatementJudgement, ...]) -> tuple[StatementJudgement, ...]:
    """As they are, or all that are not exact missing, where so few of them are like anything on the page."""
    alike = sum(s.verdict is not PageVerdict.MISSING for s in statements)
    if alike >= _FOUND_AT_LEAST * len(statements):
        return statements
    return tuple(
        s if s.verdict is PageVerdict.EXACT else StatementJudgement(s.id, s.text, PageVerdict.MISSING)
        for s in statements
    )


def _not_exact(page: Words, w: _Wanted, diagonals: list[int]) -> StatementJudgement:
    place = nearest(w.words, page, diagonals, w.own)
    if place is None or place[2] < _SHARED_AT_LEAST * len(w.words):
        return StatementJudgement(w.statement.id, w.statement.text, PageVerdict.MISSING)
    shown = difference(w.words, page, place[0], place[1])
    return StatementJudgement(w.statement.id, w.statement.text, PageVerdict.ALTERED, shown)


def _detail(statements: tuple[StatementJudgement, ...], *, in_order: bool) -> str:
    altered = [s for s in statements if s.verdict is PageVerdict.ALTERED]
    missing = [s for s in statements if s.verdict is PageVerdict.MISSING]
    if not altered and not missing:
        return "The page carries the notice in full" + (
            "." if in_order else ", in another order than the policy's."
        )
    if len(missing) == len(statements):
        return "The page does not carry the notice."
    gone = "1 is" if len(missing) == 1 else f"{len(missing)} are"
    if not altered:
        which = ", ".join(f"“{_opening(s.text)}”" for s in missing)
        if len(missing) == 1:
            return f"The notice is not complete: of its {len(statements)} statements 1 is missing: {which}."
        many = len(missing)
        return f"The notice is not complete: of its {len(statements)} statements {many} are missing: {which}."
    differ = "1 has" if len(altered) == 1 else f"{len(altered)} have"
    also = f" and {gone} missing" if missing else ""
    example = altered[0].difference
    if len(example) > _EXAMPLE:
        example = example[:_EXAMPLE].rsplit(" ", 1)[0] + " …"
    return f"Of the {len(statements)} statements of the notice {differ} other words{also}; see: {example}"


def _opening(text: str) -> str:
    words = _LIST_MARKER.sub("", text).split()
    return " ".join(words[:6]) + (" …" if len(words) > 6 else "")  # noqa: PLR2004


_LEGEND = "[-words-] are in the policy and not on the page, {+words+} are on the page and not in the policy."


def explain(judgement: Judgement) -> list[str]:
    """The judgement as plain lines for the person who has to mend the page."""
    lines = [f"Notice, version {judgement.version}: {judgement.verdict}", judgement.detail, ""]
    width = max(len(s.id) for s in judgement.statements)
    for s in judgement.statements:
        shown = {PageVerdict.ALTERED: s.difference, PageVerdict.MISSING: f"“{' '.join(s.text.split())}”"}
        lines.append(f"  {s.id:<{width}}  {s.verdict:<7}  {shown.get(s.verdict, _opening(s.text))}")
    if any(s.verdict is PageVerdict.ALTERED for s in judgement.statements):
        lines += ["", _LEGEND]
    return lines
