def split_special(text, names):
    if not names:
        return [text] if text else []
    ordered = sorted(names, key=len, reverse=True)
    return [piece for piece in re.split(f"({'|'.join(map(re.escape, ordered))})", text, maxsplit=1) if piece]
