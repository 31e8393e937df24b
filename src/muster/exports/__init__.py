"""Exports: a frozen set of rows, hashed and rendered as its receiver wants it, delivered to the last row."""
