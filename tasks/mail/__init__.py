"""Notices: from the outbox to people by mail."""
