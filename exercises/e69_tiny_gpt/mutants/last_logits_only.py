class GPT(GPT):
    def forward(self, idx, targets=None):
        logits, loss = super().forward(idx, targets)
        return (logits[:, -1:] if targets is None else logits), loss
