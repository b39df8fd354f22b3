"""Whether a page that lacks the notice is the account's page at all: what its words say of that.

A wall in front of a page is no page without a notice. Only short pages are taken for one: a long page that
also has a banner about cookies or a link to sign in is read as it is.
"""

import re

from tasks.pages.port import Doubt, FetchedPage

_SHORT, _SHORTER, _SHORTEST = 250, 120, 60  # words


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns).replace("'", "['\u2019]"), re.IGNORECASE)


_SIGN_IN = _any(
    r"\b(?:log|sign)[\s-]?(?:in|on|up)\b",
    r"\bcreate (?:an? |new )?account\b",
    r"\b(?:connectez-vous|se connecter)\b",
)
_MUST_SIGN_IN = _any(
    r"\b(?:log|sign)[\s-]?in\b.{0,30}\b(?:to (?:see|view|continue|follow)|with|required)\b",
    r"\b(?:must|please|need to|have to) (?:log|sign)[\s-]?in\b",
    r"\bforgot(?:ten)? (?:your )?password\b",
    r"\benter your (?:e-?mail|user ?name|phone)\b",
    r"\bmembers only\b",
    r"\bthis (?:account|page|profile) is private\b",
)
_CONSENT = _any(
    r"\b(?:accept|allow|reject|decline|agree to)\b.{0,20}\b(?:all\b|cookies?)",
    r"\bbefore you continue\b",
    r"\bwe use cookies\b",
    r"\bcookies? (?:settings|preferences|consent|policy)\b",
    r"\b(?:accepter|tout accepter|refuser)\b",
    r"\bconfirm your age\b",
    r"\bare you (?:a human|a robot|over)\b",
    r"\bverify(?:ing)? (?:that )?you are\b",
    r"\bchecking your browser\b",
)
_NOT_THERE = _any(
    r"\b(?:is|was|are)(?:n't| not| no longer) (?:available|found|accessible|here|active|there)\b",
    r"\b(?:page|content|account|profile|site) (?:not found|unavailable|deleted|removed|suspended)\b",
    r"\b(?:can't|cannot|can not|couldn't|could not) (?:be found|find)\b",
    r"\b(?:does|do)(?:n't| not) exist\b",
    r"\bno longer exists?\b",
    r"\b404\b",
    r"\bnothing (?:is )?here\b",
    r"\bmay (?:be broken|have (?:been|moved))\b",
    r"\bpage introuvable\b",
    r"\bn'existe (?:pas|plus)\b",
    r"\b(?:under|down for) (?:construction|maintenance)\b",
    r"\bcoming soon\b",
    r"\bdomain (?:is|may be) for sale\b",
    r"\bsomething went wrong\b",
    r"\btry again later\b",
)


def doubts_of(page: FetchedPage) -> frozenset[Doubt]:
    """Those that come from how it is built, and those that its words raise."""
    words, found = len(page.text.split()), set(page.doubts)
    if words <= _SHORT:
        if _MUST_SIGN_IN.search(page.text) or (words <= _SHORTEST and _SIGN_IN.search(page.text)):
            found.add(Doubt.SIGN_IN)
        if _CONSENT.search(page.text):
            found.add(Doubt.CONSENT)
        if words <= _SHORTER and _NOT_THERE.search(page.text):
            found.add(Doubt.NOT_THERE)
    return frozenset(found)


#: What is said of a page, by the gravest doubt; in this order.
_SAID = {
    Doubt.SIGN_IN: "The page asks to sign in before it shows anything of the notice.",
    Doubt.CONSENT: "The page asks for consent before it shows anything of the notice.",
    Doubt.NOT_THERE: "What came reads as if there were no such page, or not now.",
    Doubt.REFRESH: "The page leads on to another one by itself.",
    Doubt.FRAME: "The page shows another page within it, where the notice may be.",
    Doubt.DOCUMENT: "The page shows a document, in which the notice may be.",
    Doubt.OPENS: "The notice stands in a part of the page that is closed, and that readers may open.",
    Doubt.REFUSED: "A browser needs more to show the page than is fetched for it.",
    Doubt.LINKS: "A link that may lead to the notice could not be read.",
    Doubt.SCRIPTS: "The page has scripts that may show more than what came.",
    Doubt.STYLE: "The notice stands in the page, but its style may hide it.",
}


def said(doubts: frozenset[Doubt]) -> str:
    """One sentence: why nobody can say yet what the page shows."""
    return next(sentence for doubt, sentence in _SAID.items() if doubt in doubts)
