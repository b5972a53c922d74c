"""The grading server: a process that has torch loaded and forks an engine for every grade.

`address` says where it listens, `client` finds, starts and asks it, `__main__` is the server itself.
"""
