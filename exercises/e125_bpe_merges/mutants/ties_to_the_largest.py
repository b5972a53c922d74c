def learn_bpe(word_counts, num_merges, end="</w>"):
    words = {word: [*word, end] for word in word_counts}
    merges = []
    while len(merges) < num_merges and (counts := count_pairs(words, word_counts)):
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        words = {word: merge_pair(symbols, best) for word, symbols in words.items()}
    return merges
