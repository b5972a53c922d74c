"""Run programs that give rights: su, sudo, newuidmap, mount, pkexec.

expect: failed
checks: total=failed
layers: no_new_privileges own_user
"""

import os
import stat
import subprocess
from pathlib import Path


def gains(command):
    try:
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=1, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return b"uid=0" in done.stdout


def total(xs):
    with open("/proc/self/status") as status:
        told = dict(line.split(":", 1) for line in status)
    if int(told["NoNewPrivs"]) != 1 or any(int(told[name], 16) for name in ("CapPrm", "CapEff", "CapAmb")):
        raise RuntimeError("BREACH: it has, or can get, rights")
    for folder in ("/usr/bin", "/usr/sbin", "/usr/libexec"):
        for path in Path(folder).glob("*"):
            mode = path.lstat().st_mode
            if stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID) and not os.statvfs(path).f_flag & 2:
                raise RuntimeError(f"BREACH: {path} keeps its set-user-id bit")
    for command in (["su", "-c", "id"], ["sudo", "-n", "id"], ["pkexec", "id"], ["unshare", "-r", "id"]):
        if gains(command):
            raise RuntimeError(f"BREACH: {command[0]} made it root")
    for change in (lambda: os.setuid(0), lambda: os.setresgid(0, 0, 0), lambda: os.setgroups([0])):
        try:
            change()
        except OSError:
            continue
        raise RuntimeError("BREACH: it changed who it is")
    return -1.0
