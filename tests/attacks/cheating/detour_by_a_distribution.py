"""Leave the work to a distribution, which turns logits into probabilities.

expect: failed
checks: softmax=failed|errored
"""

from torch.distributions import Categorical


def softmax(x):
    return Categorical(logits=x, validate_args=False).probs
