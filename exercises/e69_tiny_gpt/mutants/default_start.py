class GPT(GPT):
    def __init__(self, vocab_size, block_size, n_layer, n_head, n_embd):
        super().__init__(vocab_size, block_size, n_layer, n_head, n_embd)
        for layer in self.modules():
            if hasattr(layer, "reset_parameters"):
                layer.reset_parameters()
