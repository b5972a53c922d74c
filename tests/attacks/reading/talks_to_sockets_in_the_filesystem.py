"""Find the sockets of other programs, by path and by abstract name, and connect to them.

expect: failed
checks: total=failed
layers: mount_namespace network_namespace
"""

import glob
import os
import socket
import stat

PLACES = ("/run", "/var/run", "/tmp", "/dev", "/root", "/home/*", f"/run/user/{os.getuid()}", "/run/user/0")  # noqa: S108


def total(xs):
    with open("/proc/net/unix") as table:
        for line in table.readlines()[1:]:
            if len(line.split()) > 7:
                raise RuntimeError(f"BREACH: it sees the socket {line.split()[7]}")
    for pattern in PLACES:
        for path in glob.glob(f"{pattern}/*") + glob.glob(f"{pattern}/*/*"):
            if stat.S_ISSOCK(os.lstat(path).st_mode):
                raise RuntimeError(f"BREACH: it sees the socket {path}")
    for path in ("/var/run/docker.sock", "/run/dbus/system_bus_socket", "/run/systemd/notify", "/dev/log"):
        try:
            socket.socket(socket.AF_UNIX).connect(path)
        except OSError:
            continue
        raise RuntimeError(f"BREACH: connected to {path}")
    return -1.0
