"""The controls of the shipped policy that find something, by name."""

from policy.model import load
from schemas.settings import ROOT

RULES = {rule.name: rule for rule in load(ROOT / "policy" / "ap151.toml").rules()}
