"""Real small things that tests run against."""
