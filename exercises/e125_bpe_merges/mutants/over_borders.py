from collections import Counter


def learn_bpe(word_counts, num_merges, end="</w>"):
    symbols = [symbol for word, n in word_counts.items() for _ in range(n) for symbol in [*word, end]]
    merges = []
    while len(merges) < num_merges and (counts := Counter(find_pairs(symbols))):
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        symbols = merge_pair(symbols, best)
    return merges
