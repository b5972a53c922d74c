"""Hidden checks of e126_byte_level_bpe: pieces cut character by character, and a slow tokenizer that keeps every piece."""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any

import torch
from torch import Generator

from grader.testing import CheckFailure, LearnerRaised, assert_equal, require

BUDGET_S = 10.0
CONTRACTIONS = ("'s", "'t", "'re", "'ve", "'m", "'ll", "'d")
#: Every kind of character, and those that are easily taken for another one.
ALPHABET = "  ''strevmldLSaéß中ªπ079½²Ⅷ٣_.,!-\n\t\r\xa0\u3000\u0301😀’"
TEXTS = (
    "",
    " ",
    "hello world",
    "naïve café, déjà vu",
    "Grüße aus Köln",
    "日本語のテキスト",
    "👋🏽 family: 👨‍👩‍👧",
    "e\u0301 is not é",
    "line one\nline two\r\n\n\ttabbed  ",
    "   leading and trailing   ",
    "I'll say it's 1,234.50€ (½ off)",
    "\x00\x1f\x7f\ufffd",
)


# --- what is right, written for the eye and not for speed ---------------------------------------------


def name_kind(ch: str) -> str:
    return "space" if ch.isspace() else "letter" if ch.isalpha() else "number" if ch.isnumeric() else "other"


def cut(text: str) -> Iterator[str]:
    """Cut a text into pieces as the stub says, looking at one character at a time."""
    at = 0
    while at < len(text):
        end = next((at + len(short) for short in CONTRACTIONS if text.startswith(short, at)), at)
        if end == at:
            start = at + (text[at] == " " and at + 1 < len(text) and not text[at + 1].isspace())
            kind = name_kind(text[start])
            end = start
            while end < len(text) and name_kind(text[end]) == kind:
                end += 1
            if kind == "space" and end < len(text) and end - at > 1:
                end -= 1
        yield text[at:end]
        at = end


def join_pair(ids: list[int], pair: tuple[int, int], new: int) -> list[int]:
    joined, at = [], 0
    while at < len(ids):
        fits = tuple(ids[at : at + 2]) == pair
        joined.append(new if fits else ids[at])
        at += 2 if fits else 1
    return joined


@cache  # the texts come again where a failed check is repeated on the mutants
def learn(text: str, vocab_size: int) -> tuple[tuple[int, int], ...]:
    """Learn the merges; the count of a pair is how many ids shorter the text would be."""
    pieces = [list(piece.encode()) for piece in cut(text)]
    merges: list[tuple[int, int]] = []
    while 256 + len(merges) < vocab_size:
        counts: Counter[tuple[int, int]] = Counter()
        for ids in pieces:
            for pair in set(pairwise(ids)):
                counts[pair] += len(ids) - len(join_pair(ids, pair, -1))
        if not counts:
            break
        best = min((-n, pair) for pair, n in counts.items())[1]
        pieces = [join_pair(ids, best, 256 + len(merges)) for ids in pieces]
        merges.append(best)
    return tuple(merges)


def encode(text: str, merges: tuple[tuple[int, int], ...]) -> list[int]:
    pieces = [list(piece.encode()) for piece in cut(text)]
    for n, pair in enumerate(merges):
        pieces = [join_pair(ids, pair, 256 + n) for ids in pieces]
    return [i for ids in pieces for i in ids]


def spell(merges: tuple[tuple[int, int], ...]) -> list[bytes]:
    vocab = [bytes([b]) for b in range(256)]
    for left, right in merges:
        vocab.append(vocab[left] + vocab[right])
    return vocab


# --- inputs -------------------------------------------------------------------------------------------


def draw_numbers(high: int, n: int, rng: Generator) -> list[int]:
    return [int(i) for i in torch.randint(0, high, (n,), generator=rng)]


def draw_text(n: int, rng: Generator, alphabet: str = ALPHABET) -> str:
    return "".join(alphabet[i] for i in draw_numbers(len(alphabet), n, rng))


def draw_prose(n_words: int, rng: Generator) -> str:
    """Draw words of a small vocabulary, the first ones most often, with some punctuation and accents."""
    words = [draw_text(2 + n % 7, rng, "aaeeiioubcdfglmnrstpé") for n in range(300)]
    picks = (torch.rand(n_words, generator=rng) ** 3 * len(words)).long().tolist()
    marks = draw_numbers(40, n_words, rng)
    return "".join(
        words[pick] + {0: ". ", 1: ",\n", 2: "'s ", 3: f" {pick} ", 4: "  "}.get(mark, " ")
        for pick, mark in zip(picks, marks, strict=True)
    )


def train(submission: Any, text: str, vocab_size: int) -> Any:
    bpe = submission.ByteBPE()
    bpe.train(text, vocab_size)
    return bpe


def require_ids(bpe: Any, text: str, expected: list[int], when: str) -> None:
    got = bpe.encode(text)
    shown = repr(text) if len(text) <= 40 else f"{text[:40]!r}..."
    require(type(got) is list, f"encode should return a list of ints, not a {type(got).__name__}", got=got)
    require(got == expected, f"encode({shown}) is wrong {when}", got=got, expected=expected)


# --- the checks ---------------------------------------------------------------------------------------


def test_byte_characters(submission: Any) -> None:
    table = submission.bytes_to_unicode()
    assert_equal(sorted(table), list(range(256)), what="the bytes of bytes_to_unicode, sorted,")
    strange = [b for b, ch in table.items() if type(ch) is not str or len(ch) != 1]
    require(not strange, "each byte has one character", got={b: table[b] for b in strange[:5]})
    unseen = [b for b, ch in table.items() if ch.isspace() or not ch.isprintable()]
    text = f"{len(unseen)} bytes have a character that cannot be seen"
    require(not unseen, text, got={b: table[b] for b in unseen[:5]})
    doubled = [ch for ch, n in Counter(table.values()).items() if n > 1]
    require(not doubled, "two bytes share a character, so there is no way back", got=doubled[:5])
    kept = [b for b in range(256) if chr(b).isprintable() and b != 32]
    moved = [b for b in kept if table[b] != chr(b)]
    text = f"{len(moved)} bytes have another character although their own can be seen"
    require(not moved, text, got={b: table[b] for b in moved[:5]}, expected={b: chr(b) for b in moved[:5]})
    others = [b for b in range(256) if b not in kept]
    expected = {b: chr(256 + n) for n, b in enumerate(others)}
    assert_equal({b: table[b] for b in others}, expected, what="the characters of the 68 bytes that cannot be seen")


def require_pieces(submission: Any, texts: tuple[str, ...]) -> None:
    for text in texts:
        got = submission.pretokenize(text)
        require(got == list(cut(text)), f"pretokenize({text!r}) is wrong", got=got, expected=list(cut(text)))


def test_pieces(submission: Any) -> None:
    require_pieces(
        submission,
        (
            "",
            "hello",
            "hello world",
            "abc123def",
            "Hello, world!",
            "x = 3.14",
            "a --> b",
            "snake_case",
            "GPT-2 (2019)",
        ),
    )


def test_contractions(submission: Any) -> None:
    require_pieces(
        submission,
        (
            "it's",
            "I'm, you're, I've, we'll, he'd, don't",
            "IT'S",
            "'tis",
            "'very",
            "o'clock",
            "rock 's",
            "a''s",
            "a.'s",
            "it’s",
            "'rest",
            "'le",
        ),
    )


def test_spaces(submission: Any) -> None:
    texts = ("a  b", "a   b", "a    1", "a  !", "  a", "a ", "a   ", " ", "   ")
    lines = ("a\nb", "a\n\nb", "a\n\n\nb", "a \n b", "a \tb", "a\t b", "a\xa0b", "a \xa0 b", "a\u3000\u3000b", "\n")
    require_pieces(submission, texts + lines)


def test_alphabets(submission: Any) -> None:
    texts = (
        "café Ärger",
        "日本語 123",
        "π²",
        "½ Ⅷ x²",
        "٣٤ ३",
        "ª1",
        "一二3",
        "e\u0301a",
        "👋🏽 hi",
        "a😀b",
        "_x_ __1",
        "été's",
    )
    require_pieces(submission, texts)


def test_joined(submission: Any, rng: Generator) -> None:
    texts = [draw_text(n % 13, rng) for n in range(150)]
    texts += [draw_text(8, rng, " \n'a1.") for _ in range(50)]
    for text in texts:
        pieces = submission.pretokenize(text)
        assert_equal("".join(pieces), text, what=f"pretokenize({text!r}), joined,")
        require("" not in pieces, f"pretokenize({text!r}) gives an empty piece", got=pieces)
        require(pieces == list(cut(text)), f"pretokenize({text!r}) is wrong", got=pieces, expected=list(cut(text)))


def test_bytes_first(submission: Any) -> None:
    bpe = submission.ByteBPE()
    for text in ("hello", "é", "日", "👋", " a\n"):
        require_ids(bpe, text, list(text.encode()), "before any training, where it is the bytes of its UTF-8 encoding")
    for data in (b"abc", "é👋".encode()):
        assert_equal(bpe.decode(list(data)), data.decode(), what=f"decode({list(data)}) before any training")
    bpe = train(submission, "aaab aab ab", 256)
    require_ids(bpe, "aaab", [97, 97, 97, 98], "after training to 256 ids, which leaves no room for a merge")
    for text in ("ab ab", "éé é"):
        bpe = train(submission, text, 257)
        first = learn(text, 257)[0]
        what = f"after training on {text!r} to 257 ids, where the only merge is that of {first} into 256"
        require_ids(bpe, text, encode(text, (first,)), what)


def test_merge_order(submission: Any) -> None:
    for text, probe in (
        ("q ab ab ab xy xyz", " ab xy"),
        ("abc bcd bce", "abc"),
        ("xyxyxy ab ab", "xyxyab"),
        ("zy ab", "zyab"),
        ("aaa xy xy", "aaaxy"),
        ("aaaa xy", "aaaaxy"),
        ("newest newest lower lowest widest", "newest"),
        ("éa éa è", "éè"),
        ("go go go gone gold", "gone"),
    ):
        for vocab_size in (257, 258, 260):
            merges = learn(text, vocab_size)
            bpe = train(submission, text, vocab_size)
            what = f"after training on {text!r} to {vocab_size} ids, which merges {list(merges)} in this order"
            require_ids(bpe, probe, encode(probe, merges), what)
            require_ids(bpe, text, encode(text, merges), what)


def test_borders(submission: Any) -> None:
    for text, probe in (
        ("a\n\nb a\n\nb", "a\n\n"),
        ("a     b     c", "a  b"),
        ("tip tin 'tis", "'tip"),
        ("ab ab ab", "b a"),
        ("ab1ab1ab1ab1", "ab1"),
        ("do. do. do. do.", "do."),
        ("the cat the cat the cat", "the cat the"),
        ("it's it's it's", "it's"),
        ("a  b" * 6, "a  b"),
        ("\na\na\na\na", "\na"),
    ):
        merges = learn(text, 300)
        bpe = train(submission, text, 300)
        what = f"after training on {text!r}, where the pieces are {list(cut(probe))}"
        require_ids(bpe, probe, encode(probe, merges), what)


def test_stops(submission: Any) -> None:
    for text in ("", "a b", "ab", "ab abc"):
        bpe = train(submission, text, 400)
        merges = learn(text, 400)
        require_ids(
            bpe, "ab abc", encode("ab abc", merges), f"after training on {text!r}, where {len(merges)} merges fit"
        )
    bpe = train(submission, "low lower lowest", 270)
    bpe.train("ab ab cd", 257)
    merges = learn("ab ab cd", 257)
    require_ids(bpe, "low ab", encode("low ab", merges), "after a second training, which starts anew")
    assert_equal(bpe.decode([256, 97]), "aba", what="decode([256, 97]) after a second training, on 'ab ab cd',")


def test_oracle(submission: Any, rng: Generator) -> None:
    for text, vocab_size in (
        (draw_text(300, rng, "abc "), 290),
        (draw_text(200, rng, "aéè "), 290),
        (draw_text(250, rng), 300),
        (draw_prose(150, rng), 330),
    ):
        merges = learn(text, vocab_size)
        bpe = train(submission, text, vocab_size)
        where = f"after training on {text[:40]!r}... ({len(text)} characters) to {vocab_size} ids"
        for probe in (text, text[::-1], draw_text(40, rng, text), draw_text(30, rng)):
            require_ids(bpe, probe, encode(probe, merges), where)
        vocab = spell(merges)
        for _ in range(5):
            ids = draw_numbers(len(vocab), 12, rng)
            expected = b"".join(vocab[i] for i in ids).decode(errors="replace")
            assert_equal(bpe.decode(ids), expected, what=f"decode({ids}) {where}")


def test_round_trip(submission: Any, rng: Generator) -> None:
    text = draw_prose(120, rng) + "".join(TEXTS)
    bpe = train(submission, text, 320)
    for probe in (*TEXTS, *(draw_text(20, rng) for _ in range(30)), text):
        ids = bpe.encode(probe)
        call = submission.call(bpe.decode, ids)
        assert_equal(call.value, probe, what=f"decode(encode({probe!r}))")
        require(call.args[0] == ids, f"decode changes the list of ids {ids[:12]}, which is its caller's")


def test_invalid(submission: Any) -> None:
    bpe = train(submission, "éé ab", 257)
    for ids in ([0x80], [97, 0x80, 98], [0xE2, 0x82], [0xC3], [0xFF, 0xFE], [0xF0, 0x9F, 0x91, 97], [0xA9, 256]):
        data = bytes(i for i in ids if i < 256) + ("é".encode() if 256 in ids else b"")
        expected = data.decode(errors="replace")
        try:
            got = bpe.decode(ids)
        except LearnerRaised as raised:
            if "NotImplementedError" in raised.kinds:
                raise
            text = f"decode({ids}) raises instead of putting a replacement character for bytes that are no UTF-8"
            raise CheckFailure(text, got=str(raised), expected=repr(expected)) from None
        assert_equal(got, expected, what=f"decode({ids}), bytes that are not valid UTF-8,")
    # A character in two ids is valid only where they come together.
    data = "日é".encode()
    assert_equal(bpe.decode(list(data)), "日é", what=f"decode({list(data)}), two characters of several bytes,")


def test_speed(submission: Any, rng: Generator) -> None:
    text = draw_prose(5500, rng).encode()[:20_000].decode(errors="ignore")
    bpe = submission.ByteBPE()
    call = submission.call(bpe.train, text, 500)
    # charged_s leaves out the waiting for a busy machine, which is not the learner's.
    require(
        call.charged_s < BUDGET_S,
        f"training on 20,000 bytes to 500 ids took {call.charged_s:.1f} s of computing, not under {BUDGET_S:g} s: the same "
        "pieces come again and again, so merge each one once and keep how often it occurs",
    )
    ids = bpe.encode(text)
    again = train(submission, text, 500).encode(text)
    require(ids == again, "two trainings on the same text do not give the same ids", got=again[:20], expected=ids[:20])
    assert_equal(bpe.decode(ids), text, what="decode(encode(text)) of the whole text")
    require(max(ids) < 500, f"there is an id {max(ids)} although 500 were asked for")
    shorter = len(text.encode()) / len(ids)
    # These texts give 2.4 to 2.8 bytes an id.
    require(
        shorter > 2, f"after training to 500 ids an id spells {shorter:.2f} bytes of the text on average, not over 2"
    )
