def split_special(text, names):
    if not names:
        return [text]
    ordered = sorted(names, key=len, reverse=True)
    return re.split(f"({'|'.join(map(re.escape, ordered))})", text)
