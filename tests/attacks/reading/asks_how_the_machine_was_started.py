"""Look in the mounts, the command line of the kernel and the keys for folders and words of the grader.

expect: failed
checks: total=failed
layers: mount_namespace
"""


def total(xs):
    for name in ("self/mountinfo", "self/mounts", "self/mountstats", "keys", "key-users", "locks", "self/cgroup"):
        try:
            with open(f"/proc/{name}", errors="replace") as file:
                text = file.read()
        except OSError:
            continue
        if "v01_vault" in text or "vault-marker" in text or "study-grades" in text:
            raise RuntimeError(f"BREACH: /proc/{name} names what is hidden: {text[:2000]}")
    return -1.0


def tally(text):
    return {}
