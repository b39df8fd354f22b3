"""The sample division: made up, large enough to look real, taken in through the doors that everybody uses.

Nobody in it exists. The same seed and day always give the same division.
"""

from deployments.sample.files import write
from deployments.sample.loading import load
from deployments.sample.make import SEED, make

__all__ = ["SEED", "load", "make", "write"]
