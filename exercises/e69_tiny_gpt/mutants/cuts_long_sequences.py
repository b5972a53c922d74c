class GPT(GPT):
    def forward(self, idx, targets=None):
        idx = idx[:, -self.block_size :]
        return super().forward(idx, None if targets is None else targets[:, -self.block_size :])
