import torch


def merge_heads(attention):
    merged = BatchedAttention(*attention.sizes)
    queries = [head.query.weight for head in attention.heads]  # (C/H, C) each
    keys = [head.key.weight for head in attention.heads]
    values = [head.value.weight for head in attention.heads]
    merged.qkv.load_state_dict({"weight": torch.cat(queries + keys + values)})  # (3 * C, C)
    merged.proj = attention.proj
    return merged
