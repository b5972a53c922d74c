"""The untrusted side: the process that runs the learner's code, and the zygote that forks it."""
