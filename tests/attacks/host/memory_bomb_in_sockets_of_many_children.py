"""Fill the sockets of many children: each stays at its default size, together they hold more than the limit.

expect: failed
checks: total=out_of_memory
layers: seccomp own_user pid_namespace network_namespace
"""

import os
import signal
import socket
import time

ALLOWED_MIB = 512 + 256
CHILDREN = 40


def refuse_outside_a_sandbox():
    if os.getuid() == 0 or sum(name.isdigit() for name in os.listdir("/proc")) > 8:
        raise RuntimeError("BREACH: no sandbox")


def fill():
    written, held = 0, []
    try:
        while True:
            held.append(socket.socketpair())
            for end in held[-1]:
                end.setblocking(False)
                try:
                    while True:
                        written += end.send(bytes(1 << 15))
                except BlockingIOError:
                    pass
    except OSError:  # it may have no more of them
        return written, held


def total(xs):
    refuse_outside_a_sandbox()
    told, tell = os.pipe()
    for _ in range(CHILDREN):
        if os.fork() == 0:
            written, held = fill()
            os.write(tell, written.to_bytes(8, "little"))
            signal.pause()
            os._exit(len(held))
    os.close(tell)
    together = 0
    while part := os.read(told, 8):
        together += int.from_bytes(part, "little")
        if together > ALLOWED_MIB << 20:
            time.sleep(0.3)  # whoever watches gets a chance
            raise RuntimeError(f"BREACH: {together >> 20} MiB in sockets")
    return -1.0
