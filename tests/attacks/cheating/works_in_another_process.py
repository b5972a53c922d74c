"""Let a forked process run the forbidden operator, and read the numbers from a pipe.

expect: failed
checks: softmax=failed|errored|crashed|timed_out
"""

import os

import torch


def softmax(x):
    torch.exp(x)
    read, write = os.pipe()
    if os.fork() == 0:
        os.write(write, getattr(torch, "soft" + "max")(x, -1).detach().contiguous().numpy().tobytes())
        os._exit(0)
    os.wait()
    numbers = bytearray(os.read(read, 2**16))
    os.close(read)
    os.close(write)
    return torch.frombuffer(numbers, dtype=x.dtype).reshape(x.shape)
