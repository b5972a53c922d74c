import torch


class GPT(GPT):
    @torch.no_grad()
    def generate(self, idx, max_new_tokens, temperature=1.0, top_k=None, generator=None):
        for _ in range(max_new_tokens):
            logits, _ = self(idx[:, -self.block_size :])
            logits = logits[:, -1] / temperature
            new = logits.argmax(1, keepdim=True)
            idx = torch.cat([idx, new], dim=1)
        return idx
