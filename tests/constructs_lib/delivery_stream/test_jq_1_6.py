"""What jq 1.6 takes and what it does not: each verdict here is that of jq 1.6 itself."""

import pytest

from constructs_lib.delivery_stream.jq_1_6 import compile_for_1_6
from dms_stream.rehearsal.delivery.partitioning import MetadataExtraction

TAKEN = [
    ".metadata.operation",
    '.metadata["table-name"] // "unnamed"',
    ".a.b[0].c?",
    '."a"."b"',
    '.a."b\\(1)"',
    ".. | .a?",
    ".if",
    "{if: 1}.if",
    "{a: .b | ascii_downcase}",
    "{a: -1}",
    "{a: (1 + 2)}",
    "{a: .b?}",
    "{(.a): 1}",
    ". as $x | {$x}",
    ". as {$a, b: [$c]} | $c",
    ". as {$a: [$b]} | $b",
    ". as [$a] ?// $a | $a",
    "if .a then 1 elif .b then 2 else 3 end",
    "(if .a then {} else {} end).a",
    "(if .a then {} else {} end) | .a",
    "reduce .[] as $x (0; . + 1)",
    "1 + if .a then 1 else 2 end",
    '"\\(.a | ltrimstr("x") | if . then "y" else "z" end)-\\(.b)"',
    '@base64 "x\\(.a)"',
    "try error catch .",
    "label $f | 1, break $f",
    "def pick(f): f; pick(.a)",
    "def f($x): $x; f(.a)",
    ".a |= 1",
    "$__loc__.line",
    ".a # an aside",
    '[splits("-")][0]',
]

LATER_FUNCTIONS = ["pick(.a)", "abs", "trim", "ltrim", 'trimstr("a")', "have_decnum", "toboolean"]

LATER_FORMS = {
    "if .a then 1 end": "has an `if` without `else`",
    "if .a then 1 elif .b then 2 end": "has an `if` without `else`",
    '"\\(if .a then 1 end)"': "has an `if` without `else`",
    ".a.[1]": "has `.[` behind another path",
    '.a.["b"]': "has `.[` behind another path",
    "...a": "has a path behind `..`",
    "{a: 1 + 2}": "has `+` in an object's value",
    '{a: .b // "c"}': "has `//` in an object's value",
    "{a: 1 | 2 - 1}": "has `-` in an object's value",
    "{a: not?}": "has `?` in an object's value",
    "{a: reduce .a as $x (0; 1)}": "has `reduce` in an object's value",
    "{a: .b and .c}": "has `and` in an object's value",
    "{a: [{b: .c or .d}]}": "has `or` in an object's value",
    ". as $x | {$x: 1}": "has $x as the key of an object",
    "{$__loc__}": "has $__loc__ as the key of an object",
    ". as $and | $and": "names a variable $and",
    "if . then {} else {} end .a": "puts something behind an `if`",
    "if . then [] else [] end[0]": "puts something behind an `if`",
    "reduce .a as $x ({}; .).b": "puts something behind `reduce` or `foreach`",
    "reduce -.a as $x (0; .)": "has a `-` behind `reduce`",
}

OUT_OF_REACH = [
    "input",
    "[inputs]",
    "env.PATH",
    "halt",
    '"x" | halt_error',
    "input_filename",
    "debug",
]


@pytest.mark.parametrize("program", TAKEN)
def test_what_1_6_takes_is_taken(program: str) -> None:
    compile_for_1_6(program)


@pytest.mark.parametrize("program", LATER_FUNCTIONS)
def test_functions_that_came_later_are_refused_by_name(program: str) -> None:
    name = program.partition("(")[0]
    with pytest.raises(ValueError, match=f"^calls {name}, which came after jq 1.6"):
        compile_for_1_6(f".metadata | {program}")


@pytest.mark.parametrize(("program", "reason"), LATER_FORMS.items())
def test_forms_that_came_later_are_refused(program: str, reason: str) -> None:
    with pytest.raises(ValueError, match=r"jq/manual/v1\.6/\)$") as caught:
        compile_for_1_6(program)
    assert str(caught.value).startswith(reason)


@pytest.mark.parametrize("program", OUT_OF_REACH)
def test_a_program_has_its_record_only(program: str) -> None:
    with pytest.raises(ValueError, match=r"^calls .*, and Firehose gives a program its record"):
        compile_for_1_6(program)


def test_the_process_environment_is_out_of_reach_too() -> None:
    with pytest.raises(ValueError, match=r"^reads \$ENV"):
        compile_for_1_6("$ENV.PATH")


@pytest.mark.parametrize("program", [".a |", "nothing_of_the_kind", "a(", '"\\(', "$nowhere"])
def test_what_is_no_jq_is_told_in_one_sentence(program: str) -> None:
    with pytest.raises(ValueError, match=r"^is not a valid jq expression: [^\n]+$"):
        compile_for_1_6(program)


def test_a_function_that_is_written_in_text_is_not_called() -> None:
    compiled = compile_for_1_6('"pick(.a) and $ENV.x, if so then end"')
    assert compiled.input_value(None).all() == ["pick(.a) and $ENV.x, if so then end"]


def test_the_rehearsal_refuses_what_firehose_would() -> None:
    with pytest.raises(ValueError, match=r"calls abs, which came after jq 1\.6"):
        MetadataExtraction("{id:(.data.id | abs)}", ["id"])
