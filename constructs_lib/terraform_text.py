"""Text that Terraform takes as it stands: what comes from props is never a template.

Terraform reads `${…}` and `%{…}` in every string of a configuration, JSON too, and evaluates what
is in them (`${file("/etc/passwd")}`). Props hold no tokens, so all their text is literal: each
string of theirs that goes into a resource or an output, and whose form does not rule these out,
goes through `literal`. Source:
https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences-1
"""

from collections.abc import Mapping

CDKTF_TOKEN = "TfToken["
"""What CDKTF finds its references in a text by. There is no escape for it: props refuse it."""


def literal(text: str) -> str:
    """`text` as Terraform has to be given it, to have it as it is."""
    return text.replace("${", "$${").replace("%{", "%%{")


def literal_map(texts: Mapping[str, str]) -> dict[str, str]:
    """A map whose keys and values Terraform takes as they are."""
    return {literal(key): literal(value) for key, value in texts.items()}
