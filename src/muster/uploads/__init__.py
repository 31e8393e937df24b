"""Batch uploads: receive, read, rename, delete; the first room of the house."""
