"""Tests; the tree mirrors src/muster."""
