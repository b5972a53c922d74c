import torch


class GPT(GPT):
    def forward(self, idx, targets=None):
        logits, loss = super().forward(idx, targets)
        return logits, torch.zeros(()) if loss is None else loss
