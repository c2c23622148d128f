"""Text of settings is never a template of Terraform's: what is evaluated would be a stranger's.

Hostile text goes into every field of every model that takes it, whatever the field is called; the
rest is refused. A field that is added is tested without a word here.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from constructs_lib.bindings import cdktf
from constructs_lib.customer_key import CustomerKey, CustomerKeyProps
from constructs_lib.errors import InvalidPropsError
from constructs_lib.monitoring import NewTopic
from constructs_lib.props import Props
from constructs_lib.terraform_text import literal
from dms_stream.settings.environment import Environment
from stacks.app import build_app
from tests.support.model_walk import (
    KeyPath,
    holds_text,
    instances,
    models_below,
    value_at,
    with_value,
)
from tests.support.synth import only, synth
from tests.support.terraform import TerraformFolder
from tests.support.whole_environments import PEM, whole_environment

# each is tried until one passes the field's form; `N` tells the fields apart
_HOSTILE = (
    'x${file("/etc/hostname")}%{if true}mN%{endif}$${mN}%%{mN}',
    "x${upper(mN)}",
    "x%{if true}mN%{endif}",
    "checkpoint:${mN}",
    "shop.${mN}",
    "${mN}@example.com",
    "%{mN}",
)
_MUST_TAKE_TEXT = {
    "parameters",
    "emails",
    "bloom_filter_columns",
    "rule-name",
    "schema-name",
    "tables",
    "position",
    "field_name",
}


def _shapes(text: str, field: str) -> Iterator[Any]:
    yield text
    yield [text]
    yield {text: text}
    yield {field: text}
    yield {"key": [text]}
    yield {"key": text}


def _hostile_settings(folder: Path) -> tuple[dict[str, Any], dict[int, KeyPath]]:
    """Settings with hostile text wherever it is taken, and which number stands where."""
    document = whole_environment(folder)
    environment = Environment.model_validate(document)
    assert {type(props) for _, props in instances(environment)} == models_below(Environment)
    numbers: dict[int, KeyPath] = {}
    for path, props in instances(environment):
        for name, field in type(props).model_fields.items():
            if not holds_text(field.annotation):
                continue
            here = (*path, field.alias or name)
            number = len(numbers) + 1
            for hostile in _HOSTILE:
                text = hostile.replace("N", f"{number}n")
                given = _accepted(document, path, props, here, text)
                if given is not None:
                    document = given
                    numbers[number] = here
                    break
    return document, numbers


def _accepted(
    document: dict[str, Any], path: KeyPath, props: Props, here: KeyPath, text: str
) -> dict[str, Any] | None:
    for shape in _shapes(text, str(here[-1])):
        inner = {**(value_at(document, path) or {}), here[-1]: shape}
        try:
            TypeAdapter(type(props)).validate_python(inner)
            changed: dict[str, Any] = with_value(document, here, shape)
            Environment.model_validate(changed)
        except (ValidationError, InvalidPropsError, TypeError):
            continue
        return changed
    return None


def _synthesized(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    app = build_app("hostile", Environment.model_validate(document), app=cdktf.Testing.app())
    return {
        str(stack.node.id): json.loads(cdktf.Testing.synth(stack, True))
        for stack in app.node.children
        if isinstance(stack, cdktf.TerraformStack)
    }


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key != "//":
                yield str(key)
                yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value


_ESCAPED = re.compile(r"\$\$\{|%%\{")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[int, KeyPath]]:
    return _hostile_settings(tmp_path_factory.mktemp("settings"))


@pytest.mark.slow
def test_every_text_of_the_settings_is_literal_in_the_configuration(
    hostile: tuple[dict[str, Any], dict[int, KeyPath]],
) -> None:
    document, numbers = hostile
    assert {str(path[-1]) for path in numbers.values()} >= _MUST_TAKE_TEXT

    texts = [text for stack in _synthesized(document).values() for text in _texts(stack)]

    for number, path in numbers.items():
        holding = [text for text in texts if f"m{number}n" in text]
        assert holding, f"{path} is nowhere in the configuration"
        for text in holding:
            template = re.search(r"[$%]\{[^}]*" + f"m{number}n", _ESCAPED.sub("", text))
            assert template is None, f"{path} would be evaluated: {text}"
            assert "${file(" not in _ESCAPED.sub("", text), f"{path} would be evaluated: {text}"


@pytest.mark.plan
def test_terraform_reads_every_text_as_it_was_given(
    hostile: tuple[dict[str, Any], dict[int, KeyPath]], tmp_path: Path
) -> None:
    document, numbers = hostile
    given = {
        text: None
        for path in numbers.values()
        for text in _texts(value_at(document, path))
        if re.search(r"m\d+n", text)
    }
    found = [
        text
        for stack in _synthesized(document).values()
        for text in _texts(stack)
        if re.search(r"m\d+n", text)
    ]
    outputs = {f"text{number}": {"value": text} for number, text in enumerate(found)}
    (tmp_path / "main.tf.json").write_text(json.dumps({"output": outputs}), encoding="utf-8")
    terraform = TerraformFolder(tmp_path, "http://127.0.0.1:9")
    terraform.succeed("init", "-input=false")
    terraform.succeed("plan", "-input=false", "-out=plan.tfplan")
    plan = json.loads(terraform.succeed("show", "-json", "plan.tfplan"))

    evaluated = [str(output["value"]) for output in plan["planned_values"]["outputs"].values()]
    for text in given:
        # in a document of DMS's the quotes are escaped
        text = text.removeprefix("shop.")  # `tables` is cut at the dot
        assert any(text in value or json.dumps(text)[1:-1] in value for value in evaluated), text


def test_a_certificate_file_is_literal_too(tmp_path: Path) -> None:
    document = whole_environment(tmp_path)
    Path(tmp_path / "bundle.pem").write_text('${file("/etc/hostname")}\n' + PEM)

    stack = _synthesized(document)["hostile-orders"]

    (certificate,) = stack["resource"]["aws_dms_certificate"].values()
    assert certificate["certificate_pem"].startswith('$${file("/etc/hostname")}')


def test_a_keys_description_is_literal_too() -> None:
    props = CustomerKeyProps(description="${path.cwd}")

    document = synth(lambda stack: CustomerKey(stack, "key", props=props))

    assert only(document, "aws_kms_key")["description"] == "$${path.cwd}"


@pytest.mark.parametrize("token", ["${TfToken[TOKEN.0]}", "#{TfToken[TOKEN.0]}"])
def test_text_that_cdktf_would_take_for_a_reference_is_refused(token: str) -> None:
    with pytest.raises(InvalidPropsError, match=r"holds `TfToken\[`.*: remove it"):
        CustomerKeyProps(description=f"the key of {token}")
    with pytest.raises(InvalidPropsError, match=r"holds `TfToken\[`"):
        NewTopic(kind="new", https_endpoints=(f"https://example.com/{token}",))


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("${x}", "$${x}"),
        ("%{if x}", "%%{if x}"),
        ("$${x}", "$$${x}"),
        ("100 % {x}, 5 $", "100 % {x}, 5 $"),
    ],
)
def test_only_what_terraform_would_read_is_escaped(text: str, escaped: str) -> None:
    assert literal(text) == escaped
