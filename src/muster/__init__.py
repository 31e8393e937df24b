"""Muster: self-hosted service for audience data."""

__version__ = "0.1.0"
