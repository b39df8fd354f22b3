"""What a sentence beside a notice says of it: that it does not count, or perhaps that it does not.

A sentence that takes the notice back in plain words alters it. One that only may do so ("other schools show
this, we do not") is for a reader: no list of words can tell what all sentences mean.
"""

import re

_TAKES_BACK = re.compile(
    r"\b(?:(?:do(?:es)?|did|is|are|was|were|has|have)\s*(?:n't|\s+not|\s+no\s+longer)|no\s+longer|never"
    r"|cannot|can't)\b"
    r".{0,60}\b(?:appl(?:y|ies|icable)|valid|in\s+(?:force|effect)|official|binding|counts?|meant"
    r"|our\s+(?:notice|policy))\b"
    r"|\b(?:ignore|disregard|forget)\b.{0,40}\b(?:notice|disclaimer|following|above|below|text|this"
    r"|these)\b"
    r"|\b(?:notice|disclaimer|following|above|below)\b.{0,60}"
    r"\b(?:void|withdrawn|obsolete|outdated|superseded|repealed|invalid|inapplicable|a\s+joke"
    r"|an?\s+example)\b"
    r"|\bne\s+s'applique(?:nt)?\s+(?:pas|plus)\b"
    r"|\bn'(?:est|sont|était)\s+(?:pas|plus)\b.{0,60}\b(?:valides?|valables?|en\s+vigueur"
    r"|officiel(?:le)?s?|notre)\b"
    r"|\b(?:ignorez|oubliez)\b.{0,40}\b(?:avis|texte|suivant|ci-dess(?:us|ous))\b",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"n't\b|\b(?:not|no|never|none|nobody|nothing|neither|nor|without|except|unless|instead|rather"
    r"|hardly|barely"
    r"|others?|another|elsewhere|someone\s+else|only|supposed|claims?|pretend\w*|so-called|wrong|false"
    r"|untrue|lies?|nonsense"
    r"|opposite|contrary|refuse\w*|reject\w*|oppose\w*|disagree\w*|deny|denies|cross(?:ed)?\s+out"
    r"|used\s+to|until|stopped|ended|expired|removed|cancel\w*|hypothetical\w*|fictional|imaginary"
    r"|test(?:ing)?"
    r"|pas|plus|jamais|aucun\w*|personne|rien|sans|sauf|ailleurs|autres?|faux|fausse|mensonges?"
    r"|prétendu\w*|contraire)\b",
    re.IGNORECASE,
)
_UNUSED = re.compile(
    r"\b(?:old|older|former(?:ly)?|previous(?:ly)?|past|archived?|draft|template|example|sample"
    r"|specimen|placeholder|lorem|obsolete|deprecated"
    r"|jok(?:e|es|ing)|kidding|parody|satire|not\s+(?:ours|us)|blagues?|pas\s+(?:nous|le\s+nôtre"
    r"|la\s+nôtre)"
    r"|ancien(?:ne)?s?|brouillon|modèle|exemple|archivé\w*|périmé\w*)\b",
    re.IGNORECASE,
)
_OF_THE_NOTICE = re.compile(
    r"\b(?:notices?|disclaimers?|following|above|below|texts?|statements?|rules?|polic(?:y|ies)"
    r"|guidelines?|terms|words|paragraphs?|lines?"
    r"|avis|suivante?s?|ci-dess(?:us|ous)|textes?|règles?|politiques?|lignes?)\b",
    re.IGNORECASE,
)
_POINTS = re.compile(
    r"^(?:but\b|and\b|all\b|none\s+of\b|not?\b|nothing\b|just\b|so\b|[\W_])*(?:this|that|these|those|it"
    r"|they|everything|none|nothing|not|ceci|cela|ça)\b"
    r"(?!\s+(?:pages?|accounts?|sites?|feeds?|schools?|channels?|profiles?|groups?|classes|class))",
    re.IGNORECASE,
)
_WE = re.compile(
    r"\bwe\s+(?:do|did|will|would|are|have|can)\s*(?:n't|\s+not)(?:\s+(?:do|follow|agree|show|have|use"
    r"|mean|apply|keep|want|enforce|support"
    r"|accept|believe|share|hold|care|need|either|too)\b|\W*$)"
    r"|\bnous\s+ne\s+(?:le|la|les\s+)?(?:faisons|suivons|affichons|appliquons|voulons)\b|\bpas\s+nous\b",
    re.IGNORECASE,
)
_FEW = 8  # words: a heading, or a reply


def takes_back(sentence: str) -> bool:
    """Whether a sentence right beside a notice says plainly that it does not count."""
    return _TAKES_BACK.search(sentence.replace("\u2019", "'")) is not None


def may_take_back(sentence: str, *, beside: bool, leads_in: bool) -> bool:
    """Whether a reader has to say what a sentence near a notice means for it.

    `beside`: nothing stands between them. `leads_in`: it ends with a colon, so that it says what follows.
    """
    sentence = sentence.replace("\u2019", "'")
    few = len(sentence.split()) <= _FEW
    of_it = leads_in or _OF_THE_NOTICE.search(sentence) is not None
    if beside and few and _UNUSED.search(sentence):
        return True
    if (_NOT.search(sentence) or _UNUSED.search(sentence)) and of_it:
        return True
    if beside and few and _WE.search(sentence):
        return True
    return beside and few and _NOT.search(sentence) is not None and _POINTS.search(sentence) is not None
