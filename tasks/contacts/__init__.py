"""A student's attempt to reach staff in private: shared with the supervisor, seen by few, deleted in time."""
