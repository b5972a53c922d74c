def detokenize(tokens, end="</w>"):
    return "".join(tokens).replace(end, "")
