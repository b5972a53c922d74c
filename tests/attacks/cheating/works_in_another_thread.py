"""Let another thread run the forbidden operator, and run an honest-looking one in this thread.

expect: failed
checks: softmax=failed|errored|crashed|timed_out
"""

import threading

import torch


def softmax(x):
    answer = []
    thread = threading.Thread(target=lambda: answer.append(getattr(torch, "soft" + "max")(x, -1)))
    torch.exp(x)
    thread.start()
    thread.join()
    return answer[0]
