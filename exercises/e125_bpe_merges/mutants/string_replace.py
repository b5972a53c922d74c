def merge_pair(symbols, pair):
    return "\0".join(symbols).replace("\0".join(pair), "".join(pair)).split("\0")
