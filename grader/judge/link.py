"""The judge's end of one worker: send a request, wait for its reply no longer than the deadline."""

import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from grader import wire
from grader.judge.outcomes import (
    LARGE_BYTES,
    LearnerCrashed,
    LearnerKilled,
    LearnerTimedOut,
    ReplyTooLarge,
    count_oom_kills,
    describe_exit,
)
from grader.worker.memory import EXIT_OUT_OF_MEMORY, descendants
from grader.worker.zygote import Spawn, Zygote

#: What is kept of a check's output: its beginning and its end.
OUTPUT_HEAD_BYTES = 2000
OUTPUT_TAIL_BYTES = 2000
_CHUNK = 2**16
#: The kernel takes up to 1,024 at once.
_MAX_PARTS = 512
_LOOKS = 100
#: How often a session is looked at until nothing has ended meanwhile. One look takes a millisecond or two.
_LOOKS_AT_SESSION = 10
#: The memory of larger replies is given back at once.
KEPT_BYTES = 2**26
#: Where a check has no memory limit, as on a GPU.
MAY_BORROW_MIB = 2048
#: However busy the machine: a submission could make itself wait, with processes of its own.
MAX_GRANTED_S = 30.0


class Output:
    """What the learner printed during one check, shortened in the middle."""

    def __init__(self, on_line: Callable[[str], None]) -> None:
        self._on_line = on_line
        self.clear()

    def clear(self) -> None:
        """Forget what was printed so far."""
        self._head = bytearray()
        self._tail = bytearray()
        self.total_bytes = 0

    def add(self, data: bytes) -> None:
        """Take in some output and report its last complete line."""
        self.total_bytes += len(data)
        room = OUTPUT_HEAD_BYTES - len(self._head)
        self._head += data[:room]
        self._tail += data[max(room, 0) :]
        del self._tail[:-OUTPUT_TAIL_BYTES]
        line = data.rstrip(b"\n").rpartition(b"\n")[2][-200:]
        if line.strip():
            self._on_line(line.decode("utf-8", "replace"))

    def text(self) -> str:
        """Return the output, with a note where something was left out."""
        left_out = self.total_bytes - len(self._head) - len(self._tail)
        gap = f"\n… {left_out} bytes left out …\n".encode() if left_out else b""
        return bytes(self._head + gap + self._tail).decode("utf-8", "replace")


class Worker:
    """One worker process: spawned on demand, killed with everything it started."""

    def __init__(self, zygote: Zygote, spawn: Spawn, output: Output) -> None:
        self._zygote = zygote
        self.output = output
        self._oom_kills = count_oom_kills()
        self._pid, self._socket, self._output_fd = zygote.spawn(spawn)
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)
        self._poll.register(self._output_fd, select.POLLIN)
        self._output_open = True
        #: The worker's number where the judge counts; in its own namespace it has another.
        self.outer_pid = self._pid
        #: What a busy machine took from the open check, and the check therefore has on top of its time.
        self.granted_s = 0.0
        #: What the process of the open check was handed in memory of ours.
        self.lent_bytes = 0
        self._may_borrow_bytes = (spawn.limits.memory_mib or MAY_BORROW_MIB) * 2**20
        self._buffer = memoryview(b"")
        #: Whether it is the first process of a namespace, so that all of its session are below it.
        self.in_namespace = False
        #: How many bytes of a reply are read.
        self.room = wire.room_for_reply(0)
        self.alive = True
        self.over_memory = False

    def send(self, payload: Sequence[bytes | memoryview], deadline_s: float) -> None:
        """Send one request, which comes in pieces.

        Raises:
            LearnerTimedOut: If the worker does not take it before the deadline (a `time.monotonic` value).
            LearnerCrashed: If the worker is gone.
        """
        size = sum(map(len, payload))
        fd = self._lend(payload, size) if size >= wire.LEND_BYTES else None
        if fd is None:
            self._send_parts(
                [memoryview(wire.frame_head(size)), *(memoryview(piece) for piece in payload)], [], deadline_s
            )
            return
        try:
            beside = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fd.to_bytes(4, sys.byteorder))]
            self._send_parts([memoryview(wire.frame_head(size, lent=True))], beside, deadline_s)
        finally:
            os.close(fd)

    def _lend(self, payload: Sequence[bytes | memoryview], size: int) -> int | None:
        """Write a payload where the worker can map it; None if it has to be sent.

        A submission could keep all that it is lent, which its own limit does not count: in one check it gets no more
        in this way than it may hold besides.
        """
        if self.lent_bytes + size > self._may_borrow_bytes:
            return None
        fd = wire.lend(payload)
        if fd is not None:
            self.lent_bytes += size
        return fd

    def _send_parts(self, parts: list[memoryview], beside: list[tuple[int, int, bytes]], deadline_s: float) -> None:
        while parts:
            self._wait(select.POLLOUT, deadline_s)
            try:
                sent = self._socket.sendmsg(parts[:_MAX_PARTS], beside, socket.MSG_DONTWAIT)
            except BlockingIOError:
                continue
            except OSError:
                raise self._crash() from None
            beside = []
            while parts and sent >= len(parts[0]):
                sent -= len(parts.pop(0))
            if parts:
                parts[0] = parts[0][sent:]

    def receive(self, deadline_s: float) -> memoryview:
        """Read one reply, taking in output meanwhile; dripping bytes does not move the deadline.

        What is returned is overwritten by the next reply: decoding copies all that it keeps.

        Raises:
            LearnerTimedOut: If it is not complete before the deadline.
            LearnerCrashed: If the worker ends first, or claims a larger frame than there is room for.
            ReplyTooLarge: If there is no memory here for a large reply.
        """
        head = self._receive_exactly(8, deadline_s)
        try:
            size = wire.frame_size(head, self.room)
        except wire.ProtocolError as error:
            raise LearnerCrashed(str(error)) from None
        try:
            return self._receive_exactly(size, deadline_s)
        except MemoryError:
            if size < LARGE_BYTES:
                raise
            raise ReplyTooLarge(f"what came back takes {size >> 20} MiB, for which the grader has no memory") from None

    def _receive_exactly(self, size: int, deadline_s: float) -> memoryview:
        buffer = self._take_buffer(size)
        filled = 0
        looked = 0
        while filled < size:
            try:
                count = self._socket.recv_into(buffer[filled:], 0, socket.MSG_DONTWAIT)
            except BlockingIOError:
                if looked < _LOOKS:  # a small call is answered before this process could be put to sleep and woken
                    looked += 1
                    os.sched_yield()
                else:
                    self._wait(select.POLLIN, deadline_s)
                continue
            except OSError:
                raise self._crash() from None
            if count == 0:
                raise self._crash()
            filled += count
            if time.monotonic() > self.extend(deadline_s):  # who drips is never waited for
                self._wait(select.POLLIN, deadline_s)
        return buffer

    def _take_buffer(self, size: int) -> memoryview:
        """Return memory for a reply; that of a large one is kept for the next, since fresh pages cost more than copying."""
        if size <= len(self._buffer):
            return self._buffer[:size]
        buffer = memoryview(bytearray(size))
        if size <= KEPT_BYTES:
            self._buffer = buffer
        return buffer

    def _wait(self, events: int, deadline_s: float) -> None:
        """Wait until the socket or the output is ready, taking in one piece of output if there is any."""
        left_s = self.extend(deadline_s) - time.monotonic()
        if left_s <= 0:
            granted_s = min(waited_for_turn_s(self.outer_pid, in_namespace=self.in_namespace), MAX_GRANTED_S)
            if granted_s <= self.granted_s:
                raise LearnerTimedOut
            self.granted_s = granted_s
            return
        self._poll.modify(self._socket, events)
        for fd, _ in self._poll.poll(left_s * 1000):
            if fd == self._output_fd:
                self._take_output()

    def extend(self, deadline_s: float) -> float:
        """Return a deadline with what was granted on top."""
        return deadline_s + self.granted_s

    def _take_output(self) -> None:
        data = os.read(self._output_fd, _CHUNK)
        if data:
            self.output.add(data)
        else:  # every writer has closed it: asking again would only spin
            self._poll.unregister(self._output_fd)
            self._output_open = False

    def has_unread(self) -> bool:
        """Tell whether the worker has sent something that was not asked for."""
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(0))

    def drain(self) -> None:
        """Take in what was printed before the last reply (a worker flushes before it replies)."""
        ready = select.poll()
        ready.register(self._output_fd, select.POLLIN)
        for _ in range(4):  # the pipe holds 64 KiB; more than that means that a process keeps on printing
            if not self._output_open or not ready.poll(0):
                return
            self._take_output()

    def _crash(self) -> LearnerCrashed:
        exit_code = os.waitstatus_to_exitcode(self.kill())
        full = self.over_memory or exit_code == EXIT_OUT_OF_MEMORY
        if full:
            return LearnerCrashed(describe_exit(exit_code), exit_code, over_memory=True)
        return self.describe_end(exit_code)

    def describe_end(self, exit_code: int) -> LearnerCrashed:
        """Make the exception that tells how a process of the submission ended."""
        if exit_code == -signal.SIGKILL:
            return LearnerKilled(machine=count_oom_kills() > self._oom_kills)
        return LearnerCrashed(describe_exit(exit_code), exit_code)

    def cpu_s(self) -> float | None:
        """Return the processor time of all processes in the worker's session; None where /proc is missing."""
        return session_cpu_s(self.outer_pid, in_namespace=self.in_namespace)

    def kill(self) -> int:
        """Kill the worker and all it started; returns its wait status."""
        if not self.alive:
            return 0
        self.alive = False
        reaped = self._zygote.kill(self._pid)
        status, self.over_memory = reaped.status, reaped.over_memory
        self.drain()
        self._socket.close()
        os.close(self._output_fd)
        return status


def session_cpu_s(session: int, *, in_namespace: bool = False) -> float | None:
    """Return the processor time spent by all processes of a session, children waited for included.

    When a process ends and is waited for, its time moves to its parent: seen before in the one and after in the
    other, it would be missed. So nothing of the session may have ended meanwhile.

    Args:
        session: Its number, which is that of its first process.
        in_namespace: Whether that is the first of a process namespace too: all others are then below it, and the other
            processes of the machine need not be looked at.

    Returns:
        Seconds; None where they cannot be known: there is no /proc, or at every look some process ended.
    """
    for _ in range(_LOOKS_AT_SESSION):
        found, whole = _look_at(session, in_namespace=in_namespace)
        if whole and all(_began(_read_stat(pid)) == _began(fields) for pid, fields in found.items()):
            ticks = sum(int(tick) for fields in found.values() for tick in fields[11:15])
            return ticks / os.sysconf("SC_CLK_TCK") if found else None
    return None


def waited_for_turn_s(session: int, *, in_namespace: bool = False) -> float:
    """Return the longest that any check's process of a session was ready to run but had no processor.

    The first process of the session, which imports the file and then sleeps, counts only when it is alone.
    """
    waited_s, ran_s, used_s = {}, {}, {}
    for pid, fields in _look_at(session, in_namespace=in_namespace)[0].items():
        used_s[pid] = sum(int(tick) for tick in fields[11:15]) / os.sysconf("SC_CLK_TCK")
        try:
            ran, waited = Path(f"/proc/{pid}/schedstat").read_text().split()[:2]
            ran_s[pid], waited_s[pid] = int(ran) / 1e9, int(waited) / 1e9
        except (OSError, ValueError):  # it ended, or the kernel does not count this
            continue
    # What its own processes and threads used was not taken by the machine: with many it could make itself wait. Both
    # figures are those of a process's first thread.
    in_line = waited_s.keys() - {session} or waited_s.keys()
    own_s = sum(used for pid, used in used_s.items() if pid in in_line)
    return max((waited_s[pid] - max(0.0, own_s - ran_s[pid]) for pid in in_line), default=0.0)


def _look_at(session: int, *, in_namespace: bool) -> tuple[dict[int, list[bytes]], bool]:
    """Return the processes of a session, with the fields of /proc/PID/stat after the name.

    Also whether none can be missing: one that could not be read had ended, and one whose parent has ended meanwhile is
    found at its new parent at a second look.
    """
    found: dict[int, list[bytes]] = {}
    # A kernel need not list the children of a process.
    walks = in_namespace and os.path.exists(f"/proc/{session}/task/{session}/children")
    try:
        pids = list(descendants(session)) if walks else [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:  # no /proc (macOS)
        return found, False
    whole = True
    for pid in pids:
        fields = _read_stat(pid)
        if fields is None:
            whole = False
        elif int(fields[3]) == session:
            found[pid] = fields
    return found, whole and (not walks or set(descendants(session)) <= set(pids))


def _read_stat(pid: int) -> list[bytes] | None:
    try:
        with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:  # not Path: this is done for every call
            return file.read().rpartition(b")")[2].split()
    except OSError:  # it ended while we looked
        return None


def _began(fields: list[bytes] | None) -> bytes | None:
    """Return when a process began, which tells it from another of the same number."""
    return fields[19] if fields is not None else None
