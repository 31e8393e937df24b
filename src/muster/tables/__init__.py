"""Tables: immutable versions of columns, written by jobs, read in milliseconds."""
