"""Who has access to an account: its gates, and what grants, suspends and revokes it."""
