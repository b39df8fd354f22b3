"""The ids of the shipped policy that the sample division uses. Product code has none: it asks the policy."""

from enum import StrEnum


class Level(StrEnum):
    """Whose account it is, and so who decides (5: division, school; 6: classroom; 14: personal)."""

    DIVISION = "division"
    SCHOOL = "school"
    CLASSROOM = "classroom"
    PERSONAL = "personal"


class RoleKind(StrEnum):
    """An office somebody holds from a day until a day."""

    COMMUNICATIONS_OFFICER = "communications officer"
    SUPERINTENDENT = "superintendent"
    SCHOOL_ADMINISTRATOR = "school administrator"
    IT_OPERATOR = "IT operator"


class Platform(StrEnum):
    """Where it is."""

    FACEBOOK = "Facebook"
    INSTAGRAM = "Instagram"
    X = "X"
    YOUTUBE = "YouTube"
    LINKEDIN = "LinkedIn"
    TIKTOK = "TikTok"
    BLUESKY = "Bluesky"
    WEBSITE = "website or blog"
    CALL_OUT = "call-out system"
    OTHER = "other"


class ProvidedTool(StrEnum):
    """What the division provides already and a request must have considered."""

    GOOGLE = "Google mail and Apps for Education"
    CALL_OUT = "call-out system and app"
    WEBSITE = "division or school website"
    APPROVED_ACCOUNT = "an account already approved"


class Guideline(StrEnum):
    """The documents of 5.3."""

    SOCIAL_MEDIA = "Social Media Guidelines"
    WEBSITE = "Website Guidelines"
