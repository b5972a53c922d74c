"""Three characters, sixty hidden units, three thousand steps."""

BLOCK_SIZE, N_HIDDEN, STEPS = 3, 60, 3000
