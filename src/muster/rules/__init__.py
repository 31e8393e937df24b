"""Validation rules: each user's own, in their order."""
