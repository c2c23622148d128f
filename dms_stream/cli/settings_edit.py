"""A change of a settings file that leaves everything else in it as somebody wrote it."""

import re
from pathlib import Path
from tempfile import NamedTemporaryFile

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from constructs_lib.errors import DmsStreamError
from dms_stream.settings.environment import load_environment


def name_dms_secret(
    file: Path, pipeline: str, secret_arn: str, *, key_arn: str | None = None
) -> bool:
    """Let a pipeline's source name the secret that DMS logs in with.

    Args:
        file: The settings file.
        pipeline: Name of the pipeline.
        secret_arn: The secret.
        key_arn: Customer key that encrypts it; None: AWS's own.

    Returns:
        Whether it does so now. Else nothing was changed: the file is written in a way that is
        better left to people, such as a source that two pipelines share by an alias.
    """
    text = file.read_text(encoding="utf-8")
    source = YAML(typ="rt").load(text)["pipelines"][pipeline]["source"]
    lines = text.splitlines(keepends=True)
    changed = _changed(lines, source, secret_arn, key_arn)
    return changed is not None and _replace(file, "".join(changed))


def secret_settings(kind: str, secret_arn: str, key_arn: str | None = None) -> str:
    """The lines of YAML below `source` that name the secret.

    Args:
        kind: The source's kind.
        secret_arn: The secret.
        key_arn: Customer key that encrypts it; None: AWS's own.
    """
    lines = [f'secret_arn: "{secret_arn}"']
    if key_arn:
        lines.append(f'key_arn: "{key_arn}"')
    if kind == "existing":
        return "\n".join(lines)
    return "\n".join(["dms_credentials:", *(f"  {line}" for line in lines)])


def _changed(
    lines: list[str], source: object, secret_arn: str, key_arn: str | None
) -> list[str] | None:
    if not isinstance(source, CommentedMap) or source.fa.flow_style() or not source.lc.data:
        return None
    if source.anchor.value is not None or "dms_credentials" in source or source.merge:
        return None
    if source.get("kind") == "existing":
        line = source.lc.data["secret_arn"][0]
        pattern = (
            r"""^(\s*(?:- )?secret_arn:\s*)("[^"]*"|'[^']*'|[^\s#'"&*!]\S*)(\s*(?:#.*)?\n?)$"""
        )
        found = re.match(pattern, lines[line])
        if found is None:
            return None
        return [*lines[:line], f'{found[1]}"{secret_arn}"{found[3]}', *lines[line + 1 :]]
    first, column = min((place[0], place[1]) for place in source.lc.data.values())
    if lines[first][:column].strip():
        return None
    kind = str(source.get("kind", "new"))
    added = secret_settings(kind, secret_arn, key_arn).splitlines()
    return [
        *lines[:first],
        *(f"{' ' * column}{line}\n" for line in added),
        *lines[first:],
    ]


def _replace(file: Path, text: str) -> bool:
    # beside the file: what it names is relative to its folder
    with NamedTemporaryFile(
        "w", dir=file.parent, prefix=f".{file.stem}", suffix=".yaml", delete=False, encoding="utf-8"
    ) as temporary:
        temporary.write(text)
    path = Path(temporary.name)
    try:
        load_environment(path)
        path.chmod(file.stat().st_mode)
        path.replace(file)
    except DmsStreamError:
        return False
    finally:
        path.unlink(missing_ok=True)
    return True
