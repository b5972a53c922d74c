"""Backprop ninja 1: the backward pass of a whole network, one operation at a time (lecture 5, exercise 1).

Source: "Building makemore Part 4: Becoming a Backprop Ninja", from 13:01.
"""

from torch import Tensor


def forward(Xb: Tensor, Yb: Tensor, p: dict[str, Tensor]) -> dict[str, Tensor]:
    """Run a batch through the network in small steps, and keep the result of each.

    The sizes are n rows, T characters of context, V characters in all, E numbers per character and H hidden
    units; T = 3, V = 27, E = 10 and H = 64 in the lecture, and anything here.

    Args:
        Xb: Contexts (n, T), int64, n at least 2.
        Yb: The character that follows each (n,), int64.
        p: The parameters, all of one floating point dtype: C (V, E), W1 (T * E, H), b1 (H,), W2 (H, V), b2 (V,),
            bngain and bnbias (1, H).

    Returns:
        These 20 tensors in the dtype of p, and no others. Sums and maxima keep the dimension they are taken over,
        with size 1.

        - emb (n, T, E): the row of C of each character
        - embcat (n, T * E): the same, one row per context
        - hprebn (n, H): embcat times W1, plus b1
        - bnmeani (1, H): mean of hprebn over the batch
        - bndiff (n, H): hprebn less bnmeani
        - bndiff2 (n, H): bndiff squared
        - bnvar (1, H): variance over the batch, the sum of bndiff2 divided by n - 1 (Bessel's correction), not by n
        - bnvar_inv (1, H): one over the root of (bnvar + 1e-5)
        - bnraw (n, H): bndiff times bnvar_inv
        - hpreact (n, H): bngain times bnraw, plus bnbias
        - h (n, H): tanh of hpreact
        - logits (n, V): h times W2, plus b2
        - logit_maxes (n, 1): the largest logit of each row
        - norm_logits (n, V): logits less logit_maxes
        - counts (n, V): e to the power of norm_logits
        - counts_sum (n, 1): sum of counts over each row
        - counts_sum_inv (n, 1): one over counts_sum
        - probs (n, V): counts times counts_sum_inv
        - logprobs (n, V): the natural logarithm of probs
        - loss (): the mean over the batch of minus the logprob of the right character, in nats

        The arguments stay unchanged.
    """
    raise NotImplementedError


def backward(cache: dict[str, Tensor], Xb: Tensor, Yb: Tensor, p: dict[str, Tensor]) -> dict[str, Tensor]:
    """Find the gradient of the loss with respect to every tensor of the network, by hand.

    Args:
        cache: What `forward` returned for the other three arguments.
        Xb: Contexts (n, T), int64.
        Yb: The character that follows each (n,), int64.
        p: The parameters that `forward` was given.

    Returns:
        26 gradients under the names of their tensors: every name of the cache except loss, and the seven parameters
        C, W1, b1, W2, b2, bngain and bnbias. Each has the shape and dtype of its tensor; grads["counts_sum"], say,
        is (n, 1). A tensor that is used in two places gets the sum of what comes back from both.

        Tensor operations only, autograd is for checking. The arguments stay unchanged.
    """
    raise NotImplementedError
