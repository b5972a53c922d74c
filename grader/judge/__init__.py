"""The trusted side: pytest, the hidden checks, the reference, the comparison and the verdict."""
