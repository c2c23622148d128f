"""Which secret DMS logs in with, written into a settings file."""

from pathlib import Path

from dms_stream.settings.editing import with_value
from dms_stream.settings.environment import environment_of_text
from dms_stream.whole_file import write_whole


def name_dms_secret(
    file: Path, pipeline: str, kind: str, secret_arn: str, *, key_arn: str | None = None
) -> None:
    """Let a pipeline's source name the secret that DMS logs in with.

    Args:
        file: The settings file.
        pipeline: Name of the pipeline.
        kind: The source's kind: an existing one names its secret itself.
        secret_arn: The secret.
        key_arn: Customer key that encrypts it; None: AWS's own.

    Raises:
        SettingsError: the file is written in a way that is better left to people, or would not be
            valid; nothing was changed, and the message holds the lines.
    """
    text = file.read_text(encoding="utf-8")
    source = ["pipelines", pipeline, "source"]
    named = {"secret_arn": secret_arn} | ({"key_arn": key_arn} if key_arn else {})
    if kind == "existing":
        for key, value in named.items():
            text = with_value(text, [*source, key], value, file=file)
    else:
        text = with_value(text, [*source, "dms_credentials"], named, file=file)
    environment_of_text(text, file)
    write_whole(file, text)
