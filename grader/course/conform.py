"""Hold a YAML tree against a model, and report everything that does not fit, not only the first."""

import difflib
import re
from functools import cache, reduce
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from grader.course.syntax import ODD
from grader.course.yaml_tree import Node, YamlFile

_Model = TypeVar("_Model", bound=msgspec.Struct)

_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
#: Longer numbers are typing errors; and Python refuses to read 4,300 digits, msgpack to write 20.
_MAX_DIGITS = 15
_NULLS = ("", "~", "null", "Null", "NULL")
#: Plain words that YAML, or a reader, would take for something else than text.
_NOT_TEXT = re.compile(r"(true|false|yes|no|on|off|null|~)|[-+]?\.?[0-9][0-9_.:eE+-]*", re.IGNORECASE)
#: Spaces become plain ones before this is looked for.
_UNSEEN = re.compile(r"[\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
#: What templates, and people in a hurry, leave where a text belongs.
_PLACEHOLDER = re.compile(r"\.\.\.|…|<[^<>]*>|(todo|tbd|fixme|xxx)\b[ .:!]*", re.IGNORECASE)

_BAD = object()


def read_model(source: YamlFile, model: type[_Model]) -> _Model | None:
    """Turn a file's tree into a model; problems go to `source.problems`, and if there are any, None is returned."""
    data = _read(source, source.root, describe_type(model), _article(model))
    if source.problems or data is _BAD:
        return None
    return msgspec.convert(data, model)


describe_type = cache(inspect.type_info)  # takes as long as reading a whole exercise


def _article(model: type[msgspec.Struct]) -> str:
    """Name a model as an author would: a reading list, an exercise, a reading reference."""
    name = re.sub(r"(?<!^)(?=[A-Z])", " ", model.__name__.replace("Ref", "Reference")).lower()
    return f"{'an' if name[0] in 'aeio' else 'a'} {name}"  # a unit


def _read(source: YamlFile, node: Node, expected: inspect.Type, what: str) -> Any:
    if node.value is None or source.is_full:  # reported already
        return _BAD
    expected = _undescribed(expected)
    if isinstance(expected, inspect.UnionType):
        return _read_union(source, node, expected, what)
    reader = _READERS[type(expected)]
    return reader(source, node, expected, what)


def _undescribed(expected: inspect.Type) -> inspect.Type:
    """Take the description off a type: it is for editors."""
    return expected.type if isinstance(expected, inspect.Metadata) else expected


def _read_union(source: YamlFile, node: Node, expected: inspect.UnionType, what: str) -> Any:
    """Unions in the models are all `X | None`."""
    if node.plain and node.value in _NULLS:
        return None
    (inner,) = (t for t in expected.types if not isinstance(t, inspect.NoneType))
    return _read(source, node, inner, what)


def _read_struct(source: YamlFile, node: Node, expected: inspect.StructType, what: str) -> Any:
    if not isinstance(node.value, dict):
        required = [field for field in expected.fields if field.required]
        names = ", ".join(field.encode_name for field in required)
        instead = "write `key: value` lines"
        if len(required) == 1 and isinstance(_undescribed(required[0].type), inspect.StrType) and _is_word(node):
            instead = f"write {{{names}: {_shorten(node.value)}}}"
        source.add(node, f"expected {_article(expected.cls)} with the keys {names}, found {_name(node)}; {instead}")
        return _BAD
    fields = {field.encode_name: field for field in expected.fields}
    data: dict[str, Any] = {}
    for key, (key_node, value) in list(node.value.items()):
        if source.is_full:
            break
        meant = key
        if key not in fields:
            near = difflib.get_close_matches(key, [f for f in fields if f not in node.value], 1)
            doubled = difflib.get_close_matches(key, fields, 1)
            instead = f"{_article(expected.cls)} has {', '.join(fields)}"
            if doubled:
                instead = f"did you mean `{near[0]}`?" if near else f"`{doubled[0]}` is here already, leave it out"
            elif value.value == "" and not re.fullmatch(r"\w*", key):
                instead = "inside { }, a text with commas goes in quotes"
            source.add(key_node, f"unknown key `{_shorten(key)}`; {instead}")
            if near:  # take it for what was meant, so that it does not count as missing as well
                meant = near[0]
                node.value[meant] = (key_node, value)
        if meant in fields:
            data[meant] = _read(source, value, fields[meant].type, f"`{meant}`")
    for name, field in fields.items() if source.whole else ():
        if field.required and name not in data:
            source.add(node, f"{_article(expected.cls)} needs the key `{name}`; add `{name}: {_example(field.type)}`")
    return _BAD if _BAD in data.values() else data


def _read_list(source: YamlFile, node: Node, expected: inspect.VarTupleType, what: str) -> Any:
    if not isinstance(node.value, list):
        item_type = _undescribed(expected.item_type)
        instead = f"write [{_example(expected.item_type)}, ...]"
        if isinstance(node.value, dict) and isinstance(item_type, inspect.StructType):
            instead = f"put `- ` in front of the first key of each item, or {instead}"
        elif _is_word(node) and isinstance(item_type, inspect.StrType) and not re.search(r'[\[\]"]', node.value):
            words = re.fullmatch(r"[\w-]+(, *[\w-]+)*", node.value)
            instead = f"write [{_shorten(node.value)}]" if words else f'write ["{_shorten(node.value)}"]'
        source.add(node, f"{what} is a list, found {_name(node)}; {instead}")
        return _BAD
    if len(node.value) < (expected.min_length or 0):
        source.add(node, f"{what} needs at least {expected.min_length} item; write [{_example(expected.item_type)}]")
        return _BAD
    if expected.max_length and len(node.value) > expected.max_length:
        source.add(node, f"{what} has {len(node.value)} items; write at most {expected.max_length}")
        return _BAD
    items = [_read(source, item, expected.item_type, f"an item of {what}") for item in node.value]
    return _BAD if _BAD in items else items


def _read_dict(source: YamlFile, node: Node, expected: inspect.DictType, what: str) -> Any:
    if not isinstance(node.value, dict):
        source.add(node, f"{what} is a mapping, found {_name(node)}; write {_example(expected)}")
        return _BAD
    data = {}
    for key, (key_node, value) in node.value.items():
        good = _read(source, key_node, expected.key_type, f"a key of {what}") is not _BAD
        data[key] = _read(source, value, expected.value_type, f"`{_shorten(key)}`") if good else _BAD
    return _BAD if _BAD in data.values() else data


def _read_text(source: YamlFile, node: Node, expected: inspect.StrType, what: str) -> Any:
    if not isinstance(node.value, str):
        source.add(node, f"{what} is text, found {_name(node)}; write one quoted line, or a block behind |")
        return _BAD
    if (node.plain and node.value in _NULLS) or len(node.value.strip()) < (expected.min_length or 0):
        instead = "what follows # is a comment; put the text in quotes" if node.commented else "write some text"
        source.add(node, f"{what} is empty; {instead}")
        return _BAD
    if _PLACEHOLDER.fullmatch(node.value.strip()):
        source.add(node, f"{what} is still the placeholder `{_shorten(node.value.strip())}`; write the real text")
        return _BAD
    if node.plain and _NOT_TEXT.fullmatch(node.value):
        source.add(node, f'{what} is text, found {_name(node)}; write "{_shorten(node.value)}" in quotes')
        return _BAD
    if expected.max_length and len(node.value) > expected.max_length:
        source.add(node, f"{what} has {len(node.value)} characters; write at most {expected.max_length}")
        return _BAD
    if expected.pattern and not re.fullmatch(expected.pattern, node.value):  # `$` alone lets a line end through
        instead = _PATTERNS[expected.pattern]
        if re.fullmatch(expected.pattern, node.value.strip()):
            instead = "write it right behind its key, without spaces or line ends around it"
        elif node.value.startswith("https://") and len(node.value.split()) > 1:
            instead = "write %20 for each space in it"
        elif odd := ODD.search(node.value):
            instead = f"it holds the character U+{ord(odd[0]):04X}, which cannot be seen; remove it"
        source.add(node, f"{what} cannot be `{_shorten(node.value)}`; {instead}")
        return _BAD
    return node.value


def _read_literal(source: YamlFile, node: Node, expected: inspect.LiteralType, what: str) -> Any:
    if node.value in expected.values:
        return node.value
    words = ", ".join(str(value) for value in expected.values)
    near = difflib.get_close_matches(str(node.value), [str(v) for v in expected.values], 1)
    instead = f"did you mean `{near[0]}`?" if near else f"write one of: {words}"
    source.add(node, f"{what} cannot be {_name(node)}; {instead}")
    return _BAD


def _read_bool(source: YamlFile, node: Node, expected: inspect.BoolType, what: str) -> Any:
    if node.plain and node.value in ("true", "false"):
        return node.value == "true"
    source.add(node, f"{what} is true or false, found {_name(node)}; write true or false without quotes")
    return _BAD


def _read_int(source: YamlFile, node: Node, expected: inspect.IntType, what: str) -> Any:
    if not (node.plain and isinstance(node.value, str) and _INT.fullmatch(node.value)):
        source.add(node, f"{what} is a whole number, found {_name(node)}; {_write_number(node, 'digits only')}")
        return _BAD
    return _in_range(source, node, int(node.value[: _MAX_DIGITS + 2]), expected, what)


def _read_float(source: YamlFile, node: Node, expected: inspect.FloatType, what: str) -> Any:
    if not (node.plain and isinstance(node.value, str) and _FLOAT.fullmatch(node.value)):
        instead = _write_number(node, "digits such as 0.5 or 1e-4")
        source.add(node, f"{what} is a number, found {_name(node)}; {instead}")
        return _BAD
    return _in_range(source, node, float(node.value), expected, what)


def _write_number(node: Node, digits: str) -> str:
    if isinstance(node.value, str) and re.fullmatch(r"[-+]?0[0-9]+(\.[0-9]*)?", node.value):
        return "write it without a leading 0"
    if isinstance(node.value, str) and not node.plain and _FLOAT.fullmatch(node.value):
        return "write it without quotes"
    if isinstance(node.value, str) and re.fullmatch(r"[0-9]{1,3}(:[0-5][0-9]){1,2}", node.value):
        total = reduce(lambda high, low: 60 * high + int(low), node.value.split(":"), 0)
        return f"write it as one number: {total}"
    return f"write {digits}"


def _in_range(source: YamlFile, node: Node, value: float, expected: Any, what: str) -> Any:
    low, above, high = expected.ge, expected.gt, expected.le
    below = (low is not None and value < low) or (above is not None and value <= above)
    if below or (high is not None and value > high):
        bounds = [f"at least {low}"] * (low is not None) + [f"more than {above}"] * (above is not None)
        bounds += [f"at most {high}"] * (high is not None)
        source.add(node, f"{what} cannot be {_shorten(node.value)}; write {' and '.join(bounds)}")
        return _BAD
    if abs(value) >= 10**_MAX_DIGITS:
        instead = f"less than 1e{_MAX_DIGITS}" if value > 0 else f"more than -1e{_MAX_DIGITS}"
        source.add(node, f"{what} cannot be {_shorten(node.value)}; write {instead}")
        return _BAD
    return value


_READERS: dict[type, Any] = {
    inspect.StructType: _read_struct,
    inspect.VarTupleType: _read_list,
    inspect.DictType: _read_dict,
    inspect.StrType: _read_text,
    inspect.LiteralType: _read_literal,
    inspect.BoolType: _read_bool,
    inspect.IntType: _read_int,
    inspect.FloatType: _read_float,
}

#: What to write where a pattern of the models does not match.
_PATTERNS = {
    r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$": "write lower-case words joined by _, such as e02_batchnorm_fold",
    r"^[a-z0-9]+(-[a-z0-9]+)*$": "write lower-case words joined by -, such as zth-4-batchnorm",
    r"^[A-Za-z][A-Za-z0-9_]*$": "write a name such as x; inside { }, an expression with commas goes in quotes",
    r"^[A-Z][A-Za-z]*$": "write the name of an exception, such as ValueError",
    r"^https?://[^\s/$.?#][^\s]*$": "write a whole address that starts with https://",
    r"^[A-Za-z0-9_-]{11}$": "write the 11 characters behind watch?v= in the video's address",
}


def _is_word(node: Node) -> bool:
    """Tell whether there is a text that can be quoted in what to write instead."""
    return bool(node.text) and not (node.plain and node.value in _NULLS)


def _name(node: Node) -> str:
    if isinstance(node.value, dict):
        return "a mapping"
    if isinstance(node.value, list):
        return "a list"
    text = _shorten(node.value)
    if node.plain and node.value in _NULLS:
        return "nothing"
    if node.plain and _FLOAT.fullmatch(node.value):
        return f"the number {text}"
    return f"`{text}`"


def _shorten(text: str) -> str:
    line = _UNSEEN.sub(lambda found: f"<U+{ord(found[0]):04X}>", " ".join(text.split()))
    return line if len(line) <= 60 else line[:59] + "…"


def _example(expected: inspect.Type) -> str:
    expected = _undescribed(expected)
    if isinstance(expected, inspect.UnionType):
        return _example(next(t for t in expected.types if not isinstance(t, inspect.NoneType)))
    if isinstance(expected, inspect.LiteralType):
        return str(expected.values[0])
    if isinstance(expected, inspect.VarTupleType):
        return f"[{_example(expected.item_type)}]"
    if isinstance(expected, inspect.DictType):
        key_type = _undescribed(expected.key_type)
        key = _example(key_type) if isinstance(key_type, inspect.LiteralType) else "name"
        return f"{{{key}: {_example(expected.value_type)}}}"
    if isinstance(expected, inspect.StructType):
        inner = ", ".join(f"{f.encode_name}: {_example(f.type)}" for f in expected.fields if f.required)
        return f"{{{inner}}}"
    return {inspect.StrType: '"..."', inspect.BoolType: "true", inspect.FloatType: "1.0"}.get(type(expected), "1")
