"""Segments: named choices of rows from uploads, who is the same person, and what changed between two counts."""
