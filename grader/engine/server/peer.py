"""Who may talk to whom over the server's socket: processes of one user, as the kernel knows them."""

import os
import socket
import struct


def is_own_user(link: socket.socket) -> bool:
    """Tell whether the process at the other end belongs to the user of this one."""
    return peer_uid(link) == os.geteuid()


def peer_uid(link: socket.socket) -> int:
    """Return the user at the other end, as the kernel knows it."""
    _, uid, _ = struct.unpack("3i", link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return int(uid)
