"""The endpoint through which DMS reads the source."""

import hashlib
from functools import cached_property

from constructs_lib.aurora_source import ISource
from constructs_lib.aws_account import AwsAccount
from constructs_lib.bindings import aws, cdktf
from constructs_lib.construct import Construct, path_of
from constructs_lib.customer_key import IKey
from constructs_lib.dms_replication.endpoint_props import (
    Certificate,
    NoTls,
    SourceEndpointProps,
    VerifiedTls,
)
from constructs_lib.errors import ConstructError
from constructs_lib.iam import ServiceRole
from constructs_lib.naming import physical_name
from constructs_lib.terraform_text import literal

# https://docs.aws.amazon.com/dms/latest/APIReference/API_CreateEndpoint.html
ENDPOINT_ID_MAX_LENGTH = 255
_CERTIFICATE_HASH_LENGTH = 8


class SourceEndpoint(Construct):
    """A DMS source endpoint that takes host and credentials from a secret.

    The role it reads the secret with trusts DMS's regional principal, as AWS asks for:
    https://docs.aws.amazon.com/dms/latest/userguide/security_iam_secretsmanager.html

    Args:
        scope: Where it belongs.
        id_: Its id.
        props: See `SourceEndpointProps`.
        source: The database.
        key: Customer key for the connection data; None: the key AWS manages for DMS.
        secrets_manager_endpoint: DNS name of the VPC endpoint through which DMS reads the secret;
            None: the service's own name. An older page of AWS's demands it in private subnets, the
            newer does not (?):
            https://docs.aws.amazon.com/dms/latest/userguide/security_iam_secretsmanager.html

    Attributes:
        resource: The `aws_dms_endpoint`, the escape hatch.
        role: The role DMS reads the secret with.

    Raises:
        ConstructError: the source refuses connections without TLS, and `props` go without.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        props: SourceEndpointProps,
        source: ISource,
        key: IKey | None = None,
        secrets_manager_endpoint: str | None = None,
    ) -> None:
        super().__init__(scope, id_)
        tls = props.tls
        if source.tls_required and isinstance(tls, NoTls):
            raise ConstructError(
                path_of(self),
                "the source refuses connections without TLS (tls_required), and tls.kind is none: "
                "set tls.kind to verify-full or verify-ca with the certificate of your region, "
                "https://truststore.pki.rds.amazonaws.com/<region>/<region>-bundle.pem for Aurora "
                "and RDS, or set the source's tls_required to false",
            )
        self.role = ServiceRole(
            self,
            "role",
            service=f"dms.{AwsAccount.of(self).region}.amazonaws.com",
            description="Lets DMS read the credentials of the source",
            # the guide shows this role's trust without conditions:
            # https://docs.aws.amazon.com/dms/latest/userguide/security_iam_secretsmanager.html
        )
        grant = source.grant_read_credentials(self.role)
        # no database_name: beside a secret it never converges on these engines
        self.resource = aws.dms_endpoint.DmsEndpoint(
            self,
            "Resource",
            endpoint_id=physical_name(self, max_length=ENDPOINT_ID_MAX_LENGTH),
            endpoint_type="source",
            engine_name=source.engine_name,
            secrets_manager_arn=source.secret_arn,
            secrets_manager_access_role_arn=self.role.role_arn,
            ssl_mode=tls.kind,
            certificate_arn=(
                self._certificate_arn(tls.certificate) if isinstance(tls, VerifiedTls) else None
            ),
            extra_connection_attributes=_attributes(props, secrets_manager_endpoint),
            kms_key_arn=key.key_arn if key else None,
            pause_replication_tasks=props.pause_replication_tasks,
            depends_on=[*grant.policies, *source.dependencies],
        )

    def _certificate_arn(self, certificate: Certificate) -> str:
        if certificate.arn is not None:
            return certificate.arn
        # DMS changes no certificate and deletes none that an endpoint uses: another content is
        # another certificate, made before the endpoint lets go of the old one
        content = hashlib.sha256(certificate.pem.encode()).hexdigest()[:_CERTIFICATE_HASH_LENGTH]
        resource = aws.dms_certificate.DmsCertificate(
            self,
            "certificate",
            certificate_id=physical_name(
                self, max_length=ENDPOINT_ID_MAX_LENGTH, suffix=f"-certificate-{content}"
            ),
            certificate_pem=literal(certificate.pem),
            lifecycle=cdktf.TerraformResourceLifecycle(create_before_destroy=True),
        )
        return str(resource.certificate_arn)

    @cached_property
    def endpoint_arn(self) -> str:
        """ARN of the endpoint, as a token."""
        return str(self.resource.endpoint_arn)


def _attributes(props: SourceEndpointProps, secrets_manager_endpoint: str | None) -> str | None:
    given = [props.extra_connection_attributes] if props.extra_connection_attributes else []
    if secrets_manager_endpoint is not None:
        given.append(f"secretsManagerEndpointOverride={secrets_manager_endpoint}")
    return ";".join(given) or None
