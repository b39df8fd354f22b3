"""AP 151 itself: its text as data, its rules as selects, its decisions as pure functions."""
