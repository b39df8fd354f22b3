"""Daily looks at the comments of accounts."""
