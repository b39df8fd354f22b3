"""The edits of a policy file that once cost very many people their access in one night (10)."""

from deployments.sample.words import Guideline
from policy.model import Policy


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
