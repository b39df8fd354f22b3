"""Advice: sent to whom it concerns, acknowledged by version, listed by school."""
