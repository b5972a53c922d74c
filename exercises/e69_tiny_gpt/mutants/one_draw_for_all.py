import torch


class GPT(GPT):
    @torch.no_grad()
    def generate(self, idx, max_new_tokens, temperature=1.0, top_k=None, generator=None):
        for _ in range(max_new_tokens):
            logits, _ = self(idx[:, -self.block_size :])
            logits = logits[:, -1] / temperature
            if top_k is not None:
                best = logits.topk(min(top_k, logits.shape[1])).values
                logits = logits.masked_fill(logits < best[:, -1:], float("-inf"))
            new = torch.multinomial(logits[:1].softmax(1), 1, generator=generator).expand(len(idx), 1)
            idx = torch.cat([idx, new], dim=1)
        return idx
