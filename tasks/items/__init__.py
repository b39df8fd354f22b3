"""Action items: one wait for a person each, with its reminders and climbs."""
