"""Whether jq 1.6, which Firehose runs, takes a program that the jq of this machine takes.

The library that compiles here is a later jq. Two things came after 1.6: functions, which a program
is compiled without, so that the compiler itself finds them; and forms of the language, which are
told by the program's tokens. Both were compared with jq 1.6 itself.
https://jqlang.github.io/jq/manual/v1.6/
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

MANUAL = "https://jqlang.github.io/jq/manual/v1.6/"
ENGINES = (
    "https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-partitioning-keys.html"
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# what `jq-1.6 -n builtins` says
_KNOWN = _words(
    """
    IN/1 IN/2 INDEX/1 INDEX/2 JOIN/2 JOIN/3 JOIN/4 acos/0 acosh/0 add/0 all/0 all/1 all/2
    any/0 any/1 any/2 arrays/0 ascii_downcase/0 ascii_upcase/0 asin/0 asinh/0 atan/0 atan2/2
    atanh/0 booleans/0 bsearch/1 builtins/0 capture/1 capture/2 cbrt/0 ceil/0 combinations/0
    combinations/1 contains/1 copysign/2 cos/0 cosh/0 debug/0 del/1 delpaths/1 drem/2
    empty/0 endswith/1 env/0 erf/0 erfc/0 error/0 error/1 exp/0 exp10/0 exp2/0 explode/0
    expm1/0 fabs/0 fdim/2 finites/0 first/0 first/1 flatten/0 flatten/1 floor/0 fma/3 fmax/2
    fmin/2 fmod/2 format/1 frexp/0 from_entries/0 fromdate/0 fromdateiso8601/0 fromjson/0
    fromstream/1 gamma/0 get_jq_origin/0 get_prog_origin/0 get_search_list/0 getpath/1
    gmtime/0 group_by/1 gsub/2 gsub/3 halt/0 halt_error/0 halt_error/1 has/1 hypot/2
    implode/0 in/1 index/1 indices/1 infinite/0 input/0 input_filename/0 input_line_number/0
    inputs/0 inside/1 isempty/1 isfinite/0 isinfinite/0 isnan/0 isnormal/0 iterables/0 j0/0
    j1/0 jn/2 join/1 keys/0 keys_unsorted/0 last/0 last/1 ldexp/2 leaf_paths/0 length/0
    lgamma/0 lgamma_r/0 limit/2 localtime/0 log/0 log10/0 log1p/0 log2/0 logb/0 ltrimstr/1
    map/1 map_values/1 match/1 match/2 max/0 max_by/1 min/0 min_by/1 mktime/0 modf/0
    modulemeta/0 nan/0 nearbyint/0 nextafter/2 nexttoward/2 normals/0 not/0 now/0 nth/1
    nth/2 nulls/0 numbers/0 objects/0 path/1 paths/0 paths/1 pow/2 pow10/0 range/1 range/2
    range/3 recurse/0 recurse/1 recurse/2 recurse_down/0 remainder/2 repeat/1 reverse/0
    rindex/1 rint/0 round/0 rtrimstr/1 scalars/0 scalars_or_empty/0 scalb/2 scalbln/2 scan/1
    select/1 setpath/2 significand/0 sin/0 sinh/0 sort/0 sort_by/1 split/1 split/2 splits/1
    splits/2 sqrt/0 startswith/1 stderr/0 strflocaltime/1 strftime/1 strings/0 strptime/1
    sub/2 sub/3 tan/0 tanh/0 test/1 test/2 tgamma/0 to_entries/0 todate/0 todateiso8601/0
    tojson/0 tonumber/0 tostream/0 tostring/0 transpose/0 trunc/0 truncate_stream/1 type/0
    unique/0 unique_by/1 until/2 utf8bytelength/0 values/0 walk/1 while/2 with_entries/1
    y0/0 y1/0 yn/2
    """
)
# a program for Firehose has its record, and no input, output or process environment beside it
_OUT_OF_REACH = _words(
    """
    debug/0 env/0 get_search_list/0 halt/0 halt_error/0 halt_error/1 input/0 input_filename/0
    input_line_number/0 inputs/0 modulemeta/0 stderr/0
    """
)
# a program that calls one of these may run without end, here and in Firehose
_ENDLESS = _words(
    """
    combinations/0 combinations/1 range/1 range/2 range/3 recurse/1 recurse/2 repeat/1 until/2
    while/2
    """
)
# as a factor of a text or an index of an array, more than any record holds
_LARGEST_NUMBER = 1_000_000
_KEYWORDS = _words(
    "and as catch def elif else end foreach if import include label module or reduce then try "
    "__loc__"
)
_NOT_IN_A_VALUE = _words("and as def foreach if label or reduce try")
_BINARY = _words("+ - * / % == != < > <= >= // = |= += -= *= /= %= //=")
_MARK = "jq_1_6_lacks"
_MARKED = re.compile(rf"{_MARK}__(\w+?)__(\d+)/0")


def compile_for_1_6(program: str) -> Any:
    """The program, compiled by the jq of this machine.

    Raises:
        ValueError: jq 1.6 would not take it, or it asks for what Firehose does not give.
    """
    # only where there is a program: the library is no part of a small installation
    import jq

    try:
        compiled = jq.compile(_later_functions() + program)
    except ValueError as error:
        raise ValueError(_reason(str(error))) from None
    tokens = list(_tokens(program))
    if reason := next(_later_forms(tokens), None):
        raise ValueError(f"{reason} ({MANUAL})")
    return compiled


def refuse_endless(program: str) -> None:
    """Refuse a program that may run without end, or fill the memory, when it is tried.

    `compile_for_1_6` refuses the functions that may, and this the rest.

    Raises:
        ValueError: it may.
    """
    places = list(_places(list(_tokens(program))))
    if any(place.is_word("def") for place in places):
        raise ValueError(
            "defines a function, with which it may run without end, as no record asks for"
        )
    numbers = [float(place.token.text) for place in places if place.token.kind == "number"]
    grows = any(place.token.text in ("*", "*=", "[") for place in places)
    if grows and max(numbers, default=0) > _LARGEST_NUMBER:
        raise ValueError(
            f"holds a number above {_LARGEST_NUMBER}, by which a text or a list may grow too long"
        )


def _reason(message: str) -> str:
    if found := _MARKED.search(message):
        function = f"{found[1]}/{found[2]}"
        if function in _OUT_OF_REACH:
            return (
                f"calls {found[1]}, and Firehose gives a program its record and nothing else "
                f"({ENGINES})"
            )
        if function in _ENDLESS:
            return f"calls {found[1]}, with which it may run without end, as no record asks for"
        return f"calls {found[1]}, which came after jq 1.6, the one that Firehose runs ({MANUAL})"
    text = " ".join(message.split()).removeprefix("jq: error: ").partition(" at <")[0]
    return f"is not a valid jq expression: {text} ({MANUAL})"


@cache
def _later_functions() -> str:
    # jq leaves out definitions that nobody calls before it looks for what is not defined: so an
    # undefined name in one of these is found exactly where the program calls it
    import jq

    here = jq.compile("builtins").input_value(None).all()[0]
    barred = sorted(
        name for name in {*here, *_OUT_OF_REACH} if name not in _KNOWN - _OUT_OF_REACH - _ENDLESS
    )
    return "".join(_barred(*name.split("/")) for name in barred)


def _barred(name: str, arity: str) -> str:
    arguments = ";".join(f"a{number}" for number in range(int(arity)))
    return f"def {name}{f'({arguments})' if arguments else ''}: {_MARK}__{name}__{arity}; "


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str

    @property
    def ends_a_term(self) -> bool:
        if self.kind == "word":
            return self.text not in _KEYWORDS
        return self.kind in ("field", "variable", "format", "string") or self.text in tuple(")]}?")


_CODE = re.compile(
    r"""(?P<space>\s+|\#[^\n]*)
    |(?P<quote>")
    |(?P<number>(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?)
    |(?P<field>\.[A-Za-z_]\w*)
    |(?P<variable>\$\s*[A-Za-z_]\w*(::\w+)*)
    |(?P<format>@[A-Za-z0-9_]+)
    |(?P<word>[A-Za-z_]\w*(::\w+)*)
    |(?P<operator>\?//|//=|\|=|[-+*/%]=|==|!=|<=|>=|//|\.\.|.)""",
    re.VERBOSE | re.DOTALL,
)
_TEXT = re.compile(r'(?:[^"\\]|\\[^(])*(?P<end>"|\\\(|$)', re.DOTALL)


def _tokens(program: str) -> Iterator[_Token]:
    r"""The tokens; what stands in a string's `\( )` comes as if it stood in brackets."""
    position, depth = 0, 0
    strings: list[int] = []  # how deep the brackets were where each open string goes on
    in_text = False
    while position < len(program):
        if in_text:
            text = _TEXT.match(program, position)
            assert text is not None  # it matches the empty text
            position = max(text.end(), position + 1)
            in_text = False
            if text["end"] == '"':
                strings.pop()
                yield _Token("string", '"')
            else:
                depth += 1
                yield _Token("operator", "(")
            continue
        match = _CODE.match(program, position)
        assert match is not None  # the last group matches any character
        position = match.end()
        kind, text_ = str(match.lastgroup), match[0]
        if kind == "space":
            continue
        if kind == "quote":
            strings.append(depth)
            in_text = True
            continue
        if kind == "operator" and text_ in "([{":
            depth += 1
        elif kind == "operator" and text_ in ")]}":
            depth -= 1
            if strings and depth == strings[-1]:
                in_text = True
        yield _Token(kind, text_)


_NOWHERE = _Token("operator", "")


@dataclass
class _Bracket:
    opened_by: str
    is_pattern: bool  # of a destructuring
    folds: bool  # the one behind a pattern is that of reduce or foreach
    in_value: bool = False


@dataclass(frozen=True)
class _Place:
    """A token and what stands around it.

    Attributes:
        token: The token.
        before: The one before it.
        after: The one after it.
        in_key: Whether it is part of a key of an object that is made.
        in_value: Whether it is part of a value there, outside brackets of its own.
        closes_fold: Whether it is the closing bracket of reduce or foreach.
    """

    token: _Token
    before: _Token
    after: _Token
    in_key: bool
    in_value: bool
    closes_fold: bool

    def is_word(self, *words: str) -> bool:
        is_key = self.in_key and self.after.text in (":", ",", "}")
        return self.token.kind == "word" and self.token.text in words and not is_key


def _places(tokens: Sequence[_Token]) -> Iterator[_Place]:
    before = _NOWHERE
    open_: list[_Bracket] = []
    for token, after in zip(tokens, [*tokens[1:], _NOWHERE], strict=True):
        inner = open_[-1] if open_ else None
        in_object = inner is not None and inner.opened_by == "{" and not inner.is_pattern
        in_value = in_object and inner is not None and inner.in_value
        is_bracket = token.kind == "operator" and token.text in tuple("([{)]}")
        closed = open_.pop() if is_bracket and token.text in ")]}" and open_ else None
        yield _Place(
            token,
            before,
            after,
            in_key=in_object and not in_value,
            in_value=in_value,
            closes_fold=closed is not None and closed.folds,
        )
        if is_bracket and token.text in "([{":
            follows_pattern = before.kind == "variable" or before.text in ("]", "}")
            in_pattern = inner is not None and inner.is_pattern and token.text != "("
            starts_pattern = before.text in ("as", "?//")
            open_.append(
                _Bracket(
                    token.text,
                    is_pattern=starts_pattern or in_pattern,
                    folds=token.text == "(" and follows_pattern,
                )
            )
        elif inner is not None and inner.opened_by == "{" and not is_bracket:
            inner.in_value = token.text == ":" or (inner.in_value and token.text != ",")
        before = token


def _later_forms(tokens: Sequence[_Token]) -> Iterator[str]:
    """What of the language came after 1.6: a sentence for each place."""
    places = list(_places(tokens))
    for place in places:
        for form in (_misplaced_path, _bare_operand, _variable, _object_value):
            if reason := form(place):
                yield reason
    branches = [sum(place.is_word(word) for place in places) for word in ("if", "else")]
    if branches[0] != branches[1]:
        yield "has an `if` without `else`, which jq 1.6 asks for"


def _misplaced_path(place: _Place) -> str | None:
    token, after = place.token, place.after
    if token.text == "." and after.text == "[" and place.before.ends_a_term:
        return "has `.[` behind another path, where jq 1.6 wants `[` alone"
    if token.text == ".." and (after.kind == "field" or after.text == "."):
        return "has a path behind `..`, where jq 1.6 wants `.. |`"
    return None


def _bare_operand(place: _Place) -> str | None:
    after = place.after
    goes_on = after.kind == "field" or after.text in ("[", ".", "as", "?//")
    if goes_on and (place.is_word("end") or place.closes_fold):
        what = "an `if`" if place.token.text == "end" else "`reduce` or `foreach`"
        return f"puts something behind {what}, which jq 1.6 takes only behind brackets around it"
    if place.is_word("reduce", "foreach") and after.text == "-":
        return f"has a `-` behind `{place.token.text}`, which jq 1.6 takes in brackets only"
    return None


def _variable(place: _Place) -> str | None:
    if place.token.kind != "variable":
        return None
    name = place.token.text[1:].strip()
    if name == "ENV":
        return "reads $ENV, and Firehose gives a program its record and nothing else"
    if name in _KEYWORDS - {"__loc__"}:
        return f"names a variable ${name}, a word that jq 1.6 keeps for itself"
    if place.in_key and (place.after.text == ":" or name == "__loc__"):
        return f"has ${name} as the key of an object, where jq 1.6 wants (${name})"
    return None


def _object_value(place: _Place) -> str | None:
    if not place.in_value:
        return None
    text, before = place.token.text, place.before
    if place.token.kind == "operator":
        is_sign = text == "-" and before.text in (":", "|")
        is_operator = text in _BINARY and not is_sign
        # behind a path it is part of it
        is_try = text == "?" and before.kind != "field" and before.text != "]"
    else:
        is_operator = is_try = False
    is_keyword = place.token.kind == "word" and text in _NOT_IN_A_VALUE
    if is_operator or is_try or is_keyword:
        return f"has `{text}` in an object's value, which jq 1.6 takes in brackets only"
    return None
