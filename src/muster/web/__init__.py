"""What every HTTP route shares: bodies, errors, paging, idempotency, limits, observation."""
