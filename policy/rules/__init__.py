"""The standing rules: each one a select of its violators, tagged with its clause.

Importing this package registers all of them in `RULES`.
"""

from policy.rules.administrators import two_people_administer
from policy.rules.form import COLUMNS, RULES, Rule, rule
from policy.rules.training import course_is_current, has_current_completion, needs_course

__all__ = [
    "COLUMNS",
    "RULES",
    "Rule",
    "course_is_current",
    "has_current_completion",
    "needs_course",
    "rule",
    "two_people_administer",
]
