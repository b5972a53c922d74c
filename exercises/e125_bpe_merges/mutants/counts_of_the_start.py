def learn_bpe(word_counts, num_merges, end="</w>"):
    counts = count_pairs({word: [*word, end] for word in word_counts}, word_counts)
    return sorted(counts, key=lambda pair: (-counts[pair], pair))[:num_merges]
