"""The standing rules: each one a select of its violators, tagged with its clause.

Importing this package registers all of them in `RULES`.
"""

from policy.rules import administrators, custody, evidence, gates, monitoring, profile, rotation
from policy.rules.administrators import two_people_administer
from policy.rules.form import COLUMNS, RULES, Among, Rule, rule
from policy.rules.training import course_is_current, has_current_completion, needs_course

__all__ = [
    "COLUMNS",
    "RULES",
    "Among",
    "Rule",
    "administrators",
    "course_is_current",
    "custody",
    "evidence",
    "gates",
    "has_current_completion",
    "monitoring",
    "needs_course",
    "profile",
    "rotation",
    "rule",
    "two_people_administer",
]
