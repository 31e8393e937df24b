"""Asking a REST service: what is sent, how fast, how often, and what is taken from its answers."""
