"""Grade deep-learning exercises with hidden checks, and keep track of what was learned."""
