"""Checks of special tokens: texts put together at random, cut by a scan that shares nothing with regular expressions."""

import random
from collections import Counter
from itertools import pairwise
from typing import Any

from grader.testing import CheckFailure, LearnerRaised, assert_equal, require

END = "<|endoftext|>"
#: Ids with gaps and out of order, as in GPT-4. One name begins like another, two overlap, some mean something in a regular
#: expression, one lies within a word and one is no ASCII.
SPECIAL = {
    END: 100257,
    "<|a|><|b|>": 100276,
    "<|a|>": 100258,
    "[SEP]": 100300,
    "a+b": 100260,
    "bcd": 100259,
    "🙂": 200000,
}
PARTS = (
    *SPECIAL,
    "<|a|>",
    END,
    "hello",
    " ",
    "hé",
    "<|b|>",
    "<|end",
    "oftext|>",
    "|>",
    "bc",
    "S",
    "aab",
    "日本",
    "\n",
    "👍",
)


def train(text: str, how_many: int) -> dict[tuple[int, int], int]:
    """Train merges on a text, the plain way."""
    ids, merges = list(text.encode()), {}
    for new in range(256, 256 + how_many):
        pair = Counter(pairwise(ids)).most_common(1)[0][0]
        merges[pair] = new
        old, ids = ids, []
        for i in old:
            if ids and (ids[-1], i) == pair:
                ids[-1] = new
            else:
                ids.append(i)
    return merges


#: Trained on a text with the special token in it, so that merges know its letters, and what stands beside it.
MERGES = train(f"hello hé{END}hello hello 日本{END}hé bc{END}hello ".replace("hé", "hé hé") * 3, 40)


def scan(text: str, names: list[str]) -> list[str]:
    """Cut a text by looking at each character in turn for the longest name that begins there."""
    pieces, plain, at = [], "", 0
    while at < len(text):
        name = max((name for name in names if text.startswith(name, at)), key=len, default="")
        if name:
            pieces += [plain, name]
            plain = ""
        else:
            plain += text[at]
        at += len(name) or 1
    return [piece for piece in (*pieces, plain) if piece]


def draw_texts(draw: random.Random, how_many: int) -> list[str]:
    return ["".join(draw.choices(PARTS, k=draw.randint(1, 9))) for _ in range(how_many)]


def require_value_error(submission: Any, shown: str, function: str, *args: Any, call: str) -> None:
    """Require a call to raise ValueError with `shown` in its message."""
    try:
        value = submission.call(function, *args).value
    except LearnerRaised as raised:
        if "NotImplementedError" in raised.kinds:
            raise
        if "ValueError" not in raised.kinds:
            raise CheckFailure(f"{call} raises {raised.kinds[0]} instead of ValueError", got=raised.text) from None
        require(shown in raised.text, f"the message of the ValueError of {call} should show {shown}", got=raised.text)
    else:
        raise CheckFailure(f"{call} should raise ValueError and returns instead", got=repr(value))


def test_registered(submission: Any) -> None:
    few = {(104, 101): 256, (256, 108): 257}
    cases: tuple[tuple[list[str], dict[tuple[int, int], int], int], ...] = (
        ([END], few, 258),
        (["<|z|>", "<|a|>", "<|m|>"], few, 258),
        (["<|z|>", END], {}, 256),
        (list(SPECIAL), MERGES, 296),
        ([], few, 258),
    )
    for names, merges, first in cases:
        call = submission.call("register_special", names, merges)
        expected = {name: first + i for i, name in enumerate(names)}
        what = f"what register_special gives {names} behind {len(merges)} merges"
        assert_equal(call.value, expected, what=what)
        require(list(call.value) == names, "the names should come back in their order", got=list(call.value))
        assert_equal(call.args, (names, merges), what="the arguments after register_special")
    for names, shown in (([END, "<|x|>", END], END), (["<|x|>", ""], "''")):
        call_text = f"register_special({names}, merges)"
        require_value_error(submission, shown, "register_special", names, few, call=call_text)


def require_split(submission: Any, text: str, names: list[str]) -> None:
    """Require a text to be cut as the scan does."""
    call = submission.call("split_special", text, names)
    what = f"split_special({text!r}, {names})"
    assert_equal(call.value, scan(text, names), what=what)
    assert_equal(call.args, (text, names), what=f"the arguments after {what}")


def test_split(submission: Any, seed: int) -> None:
    for text in (
        f"hi{END}there",
        f"{END}hi",
        f"hi{END}",
        END,
        "nothing special",
        f"one{END}two{END}three",
        "<|endof text|>",
    ):
        require_split(submission, text, [END])
    for text in ("ab|c", "end|<of", "sep S[SEP]E", "aab a+b", "a.b axb"):
        require_split(submission, text, [END, "[SEP]", "a+b", "a.b"])
    for text in ("x^y$", "back\\slash"):
        require_split(submission, text, ["^", "$", "\\"])
    for text in (END * 3, f"a{END}{END}b", f" {END} \n", f"\n{END}\n"):
        require_split(submission, text, [END])
    for text in ("hello", "", " "):
        require_split(submission, text, [])
        require_split(submission, text, [END])
    draw = random.Random(seed)
    names = [END, "[SEP]", "🙂", "日"]  # none within another, none with a part of another
    for text in draw_texts(draw, 20):
        require_split(submission, text, names)


def test_longest(submission: Any, seed: int) -> None:
    short, long = "<|a|>", "<|a|><|b|>"
    for names in ([long, short], [short, long], [short, "<|b|>", long]):
        for text in (f"x{long}y", f"{short}{long}", f"{long}{short}", f"{short}<|b", f"{short}{short}<|b|>"):
            require_split(submission, text, names)
    # The one that begins further left comes first, however short it is.
    for text in ("abcd", "xabcabcd", "aabab", "aaaaa"):
        require_split(submission, text, ["ab", "bcd", "aa"])
        require_split(submission, text, ["bcd", "b", "ab"])
    draw = random.Random(seed)
    for text in draw_texts(draw, 20):
        require_split(submission, text, draw.sample(list(SPECIAL), len(SPECIAL)))


def encode(reference: Any, text: str, special: dict[str, int], allowed: set[str]) -> list[int]:
    """Encode by the scan."""
    pieces = scan(text, list(allowed))
    return [i for p in pieces for i in ([special[p]] if p in allowed else reference.encode_ordinary(p, MERGES))]


def require_encoded(submission: Any, reference: Any, text: str, special: dict[str, int], allowed: Any) -> None:
    """Require a text to be encoded as the stub says; `allowed` is "all", "none", "none_raise" or a set."""
    names = set(special) if allowed == "all" else set() if isinstance(allowed, str) else set(allowed)
    call = submission.call("encode_with_special", text, MERGES, special, allowed)
    what = f"encode_with_special({text!r}, merges, special, {allowed!r})"
    assert_equal(call.value, encode(reference, text, special, names), what=what)
    assert_equal(call.args, (text, MERGES, special, allowed), what=f"the arguments after {what}")


def test_encoded(submission: Any, reference: Any, seed: int) -> None:
    one = {END: 100257}
    for text in (f"hello {END}hello", f"hello{END}", f"{END}hello ", END, f"{END}{END}", f"hé{END}\n日本 {END} bc"):
        require_encoded(submission, reference, text, one, "all")
    for text in ("hello hello", "", "日本👍", "<|endof text|>"):
        require_encoded(submission, reference, text, one, "all")
        require_encoded(submission, reference, text, {}, "all")
    draw = random.Random(seed)
    for text in draw_texts(draw, 20):
        require_encoded(submission, reference, text, SPECIAL, "all")


def test_allowed(submission: Any, reference: Any, seed: int) -> None:
    text = f"hello {END}<|a|><|b|>hé[SEP]"
    for allowed in ("none", {END}, {"<|a|>"}, {"[SEP]", "<|a|>", "<|a|><|b|>"}, set(), set(SPECIAL)):
        require_encoded(submission, reference, text, SPECIAL, allowed)
    draw = random.Random(seed)
    for some in draw_texts(draw, 20):
        allowed = set(draw.sample(list(SPECIAL), draw.randint(0, 4)))
        require_encoded(submission, reference, some, SPECIAL, allowed)
        require_encoded(submission, reference, some, SPECIAL, "none")
    for allowed, shown in (("some", "some"), ("", "''"), (END, END), ({END, "<|typo|>"}, "<|typo|>")):
        for some in (text, "hello"):
            call = f"encode_with_special({some!r}, merges, special, {allowed!r})"
            require_value_error(submission, shown, "encode_with_special", some, MERGES, SPECIAL, allowed, call=call)


def test_refused(submission: Any, reference: Any) -> None:
    for name in SPECIAL:
        for text in (name, f"hello{name}o", f"{name} hé", f"\n{name}{name}"):
            for mode in ((), ("none_raise",)):
                if name != "<|a|><|b|>":  # the message may name the part <|a|> of it
                    given = f", {mode[0]!r}" if mode else ""
                    call = f"encode_with_special({text!r}, merges, special{given})"
                    require_value_error(
                        submission, name, "encode_with_special", text, MERGES, SPECIAL, *mode, call=call
                    )
    for text in ("hello <|endof", "text|>", "", "[sep]", "日本 hello"):
        require_encoded(submission, reference, text, SPECIAL, "none_raise")
        what = f"encode_with_special({text!r}, merges, special), which holds no special token,"
        ids = submission.encode_with_special(text, MERGES, SPECIAL)
        assert_equal(ids, reference.encode_ordinary(text, MERGES), what=what)
    require_encoded(submission, reference, f"hello {END}", {}, "none_raise")


def test_decoded(submission: Any, reference: Any, seed: int) -> None:
    thumb, hello = list("👍".encode()), reference.encode_ordinary("hello", MERGES)
    end, smile = SPECIAL[END], SPECIAL["🙂"]
    cases: list[tuple[list[int], str]] = [
        (hello, "hello"),
        ([*hello, end, *hello], f"hello{END}hello"),
        ([end, end, smile], f"{END}{END}🙂"),
        ([], ""),
        (thumb, "👍"),
        ([*thumb[:2], end, *thumb[2:]], f"\ufffd{END}\ufffd\ufffd"),
        ([255, end, 128], f"\ufffd{END}\ufffd"),
    ]
    draw = random.Random(seed)
    every = [*range(256 + len(MERGES)), *SPECIAL.values()]
    known = reference.list_bytes(MERGES)
    names = {i: name.encode() for name, i in SPECIAL.items()}
    for _ in range(10):
        ids = draw.choices(every, k=12)
        cases.append((ids, b"".join(names.get(i) or known[i] for i in ids).decode(errors="replace")))
    for ids, text in cases:
        call = submission.call("decode_with_special", ids, MERGES, SPECIAL)
        assert_equal(call.value, text, what=f"decode_with_special({ids}, merges, special)")
        assert_equal(call.args, (ids, MERGES, SPECIAL), what="the arguments after decode_with_special")
    first_free = 256 + len(MERGES)
    for ids, unknown in (([*hello, first_free], first_free), ([end, 5_000_000], 5_000_000), ([-1, 104], -1)):
        call_text = f"decode_with_special({ids}, merges, special)"
        require_value_error(submission, str(unknown), "decode_with_special", ids, MERGES, SPECIAL, call=call_text)
    call_text = f"decode_with_special([{end}], merges, {{}})"
    require_value_error(submission, str(end), "decode_with_special", [end], MERGES, {}, call=call_text)


def test_round_trip(submission: Any, seed: int) -> None:
    names = list(SPECIAL)
    special = submission.register_special(names, MERGES)
    assert_equal(sorted(special), sorted(names), what="the names that register_special gives ids to")
    draw = random.Random(seed)
    for text in (f"hello {END} hé", *draw_texts(draw, 15)):
        for allowed in ("all", "none", {END, "<|a|>"}):
            ids = submission.encode_with_special(text, MERGES, special, allowed)
            back = submission.decode_with_special(ids, MERGES, special)
            assert_equal(back, text, what=f"{text!r}, encoded with allowed={allowed!r} and decoded again,")
            found = sorted(set(ids) & set(special.values()))
            if allowed == "none":
                require(not found, f"{text!r} encoded with allowed='none' should have no special id", got=found)
