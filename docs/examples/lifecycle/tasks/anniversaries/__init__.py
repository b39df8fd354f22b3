"""Anniversaries of accounts."""
