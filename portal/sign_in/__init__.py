"""Signing in: the choice of ways, each way, and one's own sessions."""

from portal.sign_in.routes import ROUTES
from portal.sign_in.sample import sample_routes

__all__ = ["ROUTES", "sample_routes"]
