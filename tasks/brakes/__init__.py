"""What a night would begin for very many at once: held until somebody has answered."""
