"""Send from a socketpair, which needs no call of socket or connect, to sockets of other programs.

expect: failed
checks: total=failed
layers: network_namespace
"""

import errno
import socket

NAMES = (
    *("/run/systemd/journal/socket", "/run/systemd/notify", "/dev/log", "/run/systemd/journal/dev-log"),
    *("\0/org/freedesktop/systemd1/notify", "\0/tmp/dbus", "\0docker", "\0study", "\0vault"),
)


def total(xs):
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM, socket.SOCK_SEQPACKET):
        ours, _ = socket.socketpair(socket.AF_UNIX, kind)
        for name in NAMES:
            try:
                ours.sendto(b"vault", name)
            except OSError as error:
                if kind == socket.SOCK_DGRAM and error.errno not in (errno.ECONNREFUSED, errno.ENOENT, errno.EPERM):
                    raise RuntimeError(f"BREACH: {name!r} is there: {error}") from None
            else:
                if kind == socket.SOCK_DGRAM:
                    raise RuntimeError(f"BREACH: {name!r} got a datagram")
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_VSOCK):
        try:
            socket.socketpair(family, socket.SOCK_DGRAM)
        except OSError:
            continue
        raise RuntimeError(f"BREACH: a pair of family {family}")
    return -1.0
