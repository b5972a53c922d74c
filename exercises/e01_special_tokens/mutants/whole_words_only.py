def split_special(text, names):
    if not names:
        return [text] if text else []
    ordered = sorted(names, key=len, reverse=True)
    pattern = f"(?<!\\S)({'|'.join(map(re.escape, ordered))})(?!\\S)"
    return [piece for piece in re.split(pattern, text) if piece]
