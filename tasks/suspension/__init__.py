"""What a finding that nobody mends leads to, and the way back."""
