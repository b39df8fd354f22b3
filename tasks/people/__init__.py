"""People, schools, offices, absences: the roster, and what no roster tells."""
