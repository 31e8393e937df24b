"""Durable background work: enqueued in a transaction, run in checkpointed steps by a worker."""
