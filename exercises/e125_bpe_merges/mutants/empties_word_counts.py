def learn_bpe(word_counts, num_merges, end="</w>"):
    counts_of_words = dict(word_counts)
    words = {}
    while word_counts:
        word, _ = word_counts.popitem()
        words[word] = [*word, end]
    merges = []
    while len(merges) < num_merges and (counts := count_pairs(words, counts_of_words)):
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        words = {word: merge_pair(symbols, best) for word, symbols in words.items()}
    return merges
