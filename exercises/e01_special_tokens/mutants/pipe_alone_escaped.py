def split_special(text, names):
    if not names:
        return [text] if text else []
    pattern = "|".join(name.replace("|", "\\|") for name in sorted(names, key=len, reverse=True))
    return [piece for piece in re.split(f"({pattern})", text) if piece]
