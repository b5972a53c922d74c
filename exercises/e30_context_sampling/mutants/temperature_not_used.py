import torch


@torch.no_grad()
def sample_names(logits_fn, itos, block_size, n, generator, temperature=1.0, max_len=50):
    dot = next(i for i, ch in itos.items() if ch == ".")
    names = []
    for _ in range(n):
        name, context = "", [dot] * block_size
        while len(name) < max_len:
            logits = logits_fn(torch.tensor([context]))
            probs = torch.softmax(logits[0], dim=0)
            ix = int(torch.multinomial(probs, 1, generator=generator))
            if ix == dot:
                break
            name += itos[ix]
            context = [*context[1:], ix]
        names.append(name)
    return names
