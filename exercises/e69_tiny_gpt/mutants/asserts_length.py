class GPT(GPT):
    def forward(self, idx, targets=None):
        assert idx.shape[1] <= self.block_size, f"{idx.shape[1]} is more than {self.block_size}"
        return super().forward(idx, targets)
