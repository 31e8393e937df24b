"""Readers: from the bytes of a file to text columns, portion by portion."""
