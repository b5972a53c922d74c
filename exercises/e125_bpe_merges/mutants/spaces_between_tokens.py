def detokenize(tokens, end="</w>"):
    return " ".join(token.removesuffix(end) for token in tokens)
