def learn_bpe(word_counts, num_merges, end="</w>"):
    words = {word: [*word, end] for word in word_counts}
    merges = []
    for _ in range(num_merges):
        counts = count_pairs(words, word_counts)
        if not counts or max(counts.values()) < 2:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        words = {word: merge_pair(symbols, best) for word, symbols in words.items()}
    return merges
