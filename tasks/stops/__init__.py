"""Emergency stops, and suspensions for a time: a second office confirms them, or they end by themselves."""
