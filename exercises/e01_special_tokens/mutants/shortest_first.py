def split_special(text, names):
    if not names:
        return [text] if text else []
    ordered = sorted(names, key=len)
    return [piece for piece in re.split(f"({'|'.join(map(re.escape, ordered))})", text) if piece]
