"""The tests of rules, one subject a file; pure."""
