"""Whether a page that lacks the notice is the account's page at all: what its words say of that.

A wall in front of a page is no page without a notice. Only short pages are taken for one: a long page that
also has a banner about cookies or a link to sign in is read as it is.
"""

import re

from tasks.pages.port import Doubt, FetchedPage

_SHORT, _SHORTEST = 250, 60  # words


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns).replace("'", "['\u2019]"), re.IGNORECASE | re.MULTILINE)


_SIGN_IN = _any(
    r"\b(?:log|sign)[\s-]?(?:in|on|up)\b",
    r"\bcreate (?:an? |new )?account\b",
    r"\b(?:connectez-vous|se connecter)\b",
)
_MUST_SIGN_IN = _any(
    r"\b(?:log|sign)[\s-]?in\b.{0,30}\b(?:to (?:see|view|continue|follow)|with|required)\b",
    r"\b(?:must|please|need to|have to) (?:log|sign)[\s-]?in\b",
    r"\b(?:be|are|aren't|not) (?:currently )?(?:logged|signed)[\s-]?in\b",
    r"\b(?:private|closed) (?:group|profile|account)\b",
    r"\b(?:request|ask) to (?:join|follow)\b",
    r"\bconnectez-vous pour\b",
    r"\bvous devez (?:vous connecter|être connecté)",
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
    r"\bchecking (?:your|if the site) ",
    r"\bjust a moment\b",
    r"\battention required\b",
    r"\b(?:unusual|automated) (?:traffic|requests|activity)\b",
    r"\bcaptcha\b",
    r"\bsecurity check\b",
    r"\bage[- ]restricted\b",
    r"\bmay not be (?:suitable|appropriate)\b",
    r"\bsensitive content\b",
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
    r"\b(?:page|content|account|profile|site|channel|post) (?:has been|was|is|is currently) "
    r"(?:deleted|removed|suspended|disabled|terminated|unavailable|restricted|blocked|offline)\b",
    r"\btemporarily (?:unavailable|blocked|restricted|offline)\b",
    r"\b(?:access (?:is )?denied|forbidden|rate limit|too many requests|service unavailable|bad gateway)\b",
    r"\b(?:internal server|application|unexpected) error\b",
    r"\bnot available in your (?:country|region|area)\b",
    r"\b(?:n'est|ne sont) (?:pas|plus) (?:disponibles?|accessibles?)\b",
    r"\ben cours de maintenance\b",
    r"\bsomething went wrong\b",
    r"\btry again later\b",
)


_NEEDS_SCRIPTS = _any(
    r"\b(?:enable|activate|turn(?:ing)? on|allow|requires?|needs?|without|support) java ?script\b",
    r"\bjava ?script (?:is |must be |has to be |needs to be )?(?:not |currently )?"
    r"(?:disabled|off|enabled|required|needed|available|turned)\b",
    r"\b(?:activer|activez|nécessite) java ?script\b",
    r"\b(?:update|upgrade|unsupported|outdated) (?:your )?browser\b",
    r"\bbrowser (?:is|isn't|is not|is no longer) (?:not |no longer )?(?:supported|compatible)\b",
    r"^\s*(?:please wait|one moment|loading|chargement)\b[^\n]{0,30}$",
)
_HAS_MORE = _any(
    r"^(?:load|show|see|view|read) (?:more|all|the rest)"
    r"(?: (?:posts?|results|items|comments|of .{1,20}))?\W{0,3}$",
    r"^(?:afficher|voir|charger|lire) (?:plus|la suite|tout)(?: (?:de|d').{1,20})?\W{0,3}$",
    r"(?:\u2026|\.\.\.)\s*(?:(?:see|read|show) )?more$",
    r"(?:\u2026|\.\.\.)\s*(?:(?:voir|lire|en savoir) )?plus$",
)


def doubts_of(page: FetchedPage) -> frozenset[Doubt]:
    """Those that come from how it is built, and those that its words raise."""
    words, found = len(page.text.split()), set(page.doubts)
    if _HAS_MORE.search(page.text):
        found.add(Doubt.MORE)
    if words <= _SHORT:
        if _NEEDS_SCRIPTS.search(page.text):
            found.add(Doubt.NOT_THERE if page.by_browser else Doubt.SCRIPTS)
        if _MUST_SIGN_IN.search(page.text) or (words <= _SHORTEST and _SIGN_IN.search(page.text)):
            found.add(Doubt.SIGN_IN)
        if _CONSENT.search(page.text):
            found.add(Doubt.CONSENT)
        if _NOT_THERE.search(page.text):
            found.add(Doubt.NOT_THERE)
    return frozenset(found)


#: What is said of a page, by the gravest doubt; in this order.
_SAID = {
    Doubt.SIGN_IN: "The page asks to sign in before it shows anything of the notice.",
    Doubt.CONSENT: "The page asks for consent before it shows anything of the notice.",
    Doubt.NOT_THERE: "What came reads as if there were no such page, or not now.",
    Doubt.WORDS: "The notice stands in the page, and words beside it may take it back.",
    Doubt.REFRESH: "The page leads on to another one by itself.",
    Doubt.FRAME: "The page shows another page within it, where the notice may be.",
    Doubt.DOCUMENT: "The page shows a document, in which the notice may be.",
    Doubt.OPENS: "The notice stands in a closed part, a field or a picture, and readers may see it.",
    Doubt.MORE: "The page shows only a part of what it has, and the notice may be in the rest.",
    Doubt.PICTURE: "A link to the notice is only a picture or a sign, and no words say where it leads.",
    Doubt.PARTS: "The page has parts that only a browser puts together.",
    Doubt.REFUSED: "A browser needs more to show the page than is fetched for it.",
    Doubt.LINKS: "A link that may lead to the notice could not be read.",
    Doubt.SCRIPTS: "The page has scripts that may show more, or less, than what came.",
    Doubt.STYLE: "The notice stands in the page, but its style may hide it.",
    Doubt.STYLE_SHEET: "The notice stands in the page, but a style sheet that was not read may hide it.",
}


def said(doubts: frozenset[Doubt]) -> str:
    """One sentence: why nobody can say yet what the page shows."""
    return next(sentence for doubt, sentence in _SAID.items() if doubt in doubts)
