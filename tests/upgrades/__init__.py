"""Stores as earlier revisions left them, and what must be true of them after an upgrade."""
