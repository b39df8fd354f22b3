"""The policy itself: its text as data, its controls with their selects, its decisions as pure functions."""
