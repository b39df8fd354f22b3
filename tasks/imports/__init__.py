"""Taking files in: the roster, training completions, existing accounts. One transaction each, or nothing."""
