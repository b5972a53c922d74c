"""How many threads torch may use in the process behind a grade, and in what is forked of it."""

#: One: two on a busy two-core machine are slower, and a pool of threads does not survive a fork.
THREADS = 1
#: The same for libraries that read it when they are loaded.
THREAD_ENVIRONMENT = {"OMP_NUM_THREADS": str(THREADS), "MKL_NUM_THREADS": str(THREADS)}


def limit_threads() -> None:
    """Tell torch; before its first operation, for one that ran on several threads would hang in a forked child."""
    import torch  # the command that starts the process reads the numbers above, and loads no torch

    torch.set_num_threads(THREADS)
