"""A password that exists only while Terraform runs."""

from typing import Any

from constructs_lib.bindings import cdktf
from constructs_lib.construct import Construct

_TYPE = "aws_secretsmanager_random_password"
# Aurora takes 8 to 41 characters:
# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html
_LENGTH = 40


class EphemeralPassword(cdktf.TerraformElement):
    """Terraform's ephemeral `aws_secretsmanager_random_password`: in no state and in no plan.

    Letters and digits only: RDS refuses some punctuation, and DMS, shells and JSON trip over more.
    Forty of them are 238 bits. A new value is drawn in every run of Terraform, and within one run
    it is the same everywhere; it goes only into write-only attributes, which are written when
    their version changes. Needs Terraform 1.11 or later.

    The bindings know no ephemeral resources, so this one writes its own block.
    https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/ephemeral-resources/secretsmanager_random_password.html.markdown
    """

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_, f"ephemeral.{_TYPE}")

    @property
    def value(self) -> str:
        """The password, as a token for write-only attributes."""
        return str(cdktf.Fn.lookup_nested(self.fqn, ["random_password"]))

    def to_terraform(self) -> Any:
        """The block in the Terraform JSON."""
        block = {"password_length": _LENGTH, "exclude_punctuation": True}
        return {"ephemeral": {_TYPE: {self.friendly_unique_id: block}}}
