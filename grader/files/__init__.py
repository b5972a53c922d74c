"""Files of the learner and of ours: the workspace, how a file is read and replaced, the cache."""
