"""The untrusted side: the process that runs the learner's code, and the nursery that forks it."""
