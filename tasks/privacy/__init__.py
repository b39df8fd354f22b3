"""The privacy settings of accounts."""
