"""Open a socket of every kind: TCP, UDP, raw, packet, netlink, vsock, crypto; ask a name server.

expect: failed
checks: total=failed
layers: seccomp network_namespace
"""

import errno
import socket

KINDS = [
    (family, kind)
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX)
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW)
]
KINDS += [(16, socket.SOCK_RAW), (17, socket.SOCK_RAW), (38, socket.SOCK_SEQPACKET), (40, socket.SOCK_STREAM)]


def total(xs):
    for family, kind in KINDS:
        try:
            socket.socket(family, kind)
        except OSError as error:
            if error.errno != errno.EPERM:
                raise RuntimeError(f"BREACH: socket {family} {kind} reached the kernel: {error}") from None
        else:
            raise RuntimeError(f"BREACH: socket {family} {kind}")
    for name in ("example.org", "localhost"):
        try:
            found = socket.getaddrinfo(name, 80)
        except OSError:
            continue
        raise RuntimeError(f"BREACH: {name} is {found}")
    for path in ("/proc/net/tcp", "/proc/net/udp", "/proc/net/arp", "/proc/net/route"):
        with open(path) as table:
            if len(table.readlines()) > 1:
                raise RuntimeError(f"BREACH: {path} shows a network")
    return -1.0
