"""The edits of a policy file that once cost very many people their access in one night (10); more days."""

from datetime import date

from deployments.sample.words import Guideline
from policy.model import Policy, parse, text_of
from schemas.settings import ROOT


def known_for_long(policy: Policy) -> Policy:
    """A school calendar that reaches as far as a test goes."""
    last = date(2031, 8, 31)
    more = policy.days_off[0].model_copy(update={"name": "Summer break", "first": last, "last": last})
    return policy.model_copy(update={"days_off": (*policy.days_off, more)})


def valid_days(policy: Policy) -> Policy:
    return policy.model_copy(
        update={"courses": tuple(one.model_copy(update={"valid_days": 36}) for one in policy.courses)}
    )


def renamed(policy: Policy) -> Policy:
    (course,) = policy.courses
    changed = policy.model_copy(update={"courses": (course.model_copy(update={"id": "privacy"}),)})
    for control in ("privacy-course", "classroom-privacy-course"):
        changed = changed.changed(control, course="privacy")
    return changed


def for_classrooms(policy: Policy) -> Policy:
    return policy.changed("classroom-privacy-course", required="always")


def new_version(policy: Policy) -> Policy:
    return policy.model_copy(
        update={
            "texts": tuple(
                one.model_copy(update={"version": "2027-1"}) if one.id == Guideline.SOCIAL_MEDIA else one
                for one in policy.texts
            )
        }
    )


#: A second course and a second text, for the same levels and channels as the first ones.
COURSE, TEXT, OF_COURSE, OF_TEXT = "image-rights", "Picture Rules", "image-course", "picture-rules"
_ADDED = {
    '[[courses]]\nid = "focus-on-privacy"': f"""[[courses]]
id = "{COURSE}"
title = "Image Rights"
address = "https://learn.example.org/image-rights"
known_as = ["Image Rights 1"]
valid_days = 200

""",
    '[[texts]]\nid = "Website Guidelines"': f"""[[texts]]
id = "{TEXT}"
version = "7"
address = "https://www.example.org/pictures"
fits = ["social media account"]

""",
    '[[clauses]]\nid = "5.3"': f"""[[clauses.controls]]
use = "training-before-access"
as = "{OF_COURSE}"
course = "{COURSE}"
levels = ["school"]
required = "always"
grace_school_days = 15
asked_days_before_lapse = 20

""",
    '[[clauses]]\nid = "5.4"': f"""[[clauses.controls]]
use = "text-acknowledged"
as = "{OF_TEXT}"
texts = ["{TEXT}"]
levels = ["school"]
each = "person"
within_days = 25
then = {{ suspend = "access", after_school_days = 8 }}

""",
}


def two_of_each() -> Policy:
    """The shipped policy with two courses and two texts to read at once for school accounts on Instagram."""
    text = text_of(ROOT / "policy" / "ap151.toml")
    for before, more in _ADDED.items():
        assert text.count(before) == 1, before
        text = text.replace(before, more + before)
    return parse(text, ROOT / "two.toml")
