"""Add what is missing to every row: providers in order, a budget, a cache, and where each value came from."""
