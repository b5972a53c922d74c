def split_special(text, names):
    if not names:
        return [text] if text else []
    return [piece for piece in re.split(f"({'|'.join(map(re.escape, names))})", text) if piece]
