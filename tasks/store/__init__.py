"""The store: one engine, one door for change, two outboxes, one audit chain."""

from tasks.store.engine import Store

__all__ = ["Store"]
