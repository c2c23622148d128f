"""Which state a stack uses: Terraform's S3 backend, for a bucket that `StateBackend` made."""

from constructs_lib.bindings import cdktf
from constructs_lib.customer_key import AwsManagedEncryption
from constructs_lib.state_backend.keys import state_key
from constructs_lib.state_backend.props import StateBackendProps


def use_state_backend(
    stack: cdktf.TerraformStack,
    *,
    props: StateBackendProps,
    region: str,
    environment: str,
    emulated: bool = False,
) -> cdktf.S3Backend:
    """Keep the state of `stack` in the bucket, with a lock file beside it.

    Args:
        stack: Whose state it is.
        props: The props the bucket was made with.
        region: Region of the bucket.
        environment: First part of the state's key.
        emulated: Whether S3 is an emulator: leaves out the checks that only AWS answers. Its
            address comes from `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL`.

    Source: https://developer.hashicorp.com/terraform/language/backend/s3
    """
    if isinstance(props.encryption, AwsManagedEncryption):
        key_arn, encrypt = None, True
    else:
        # without a key's ARN `encrypt` would mean S3's own key: for a key that is made with the
        # bucket, and whose ARN is not known here, the bucket's default encryption is left to act
        key_arn = props.encryption.key_arn
        encrypt = key_arn is not None
    only_emulated = True if emulated else None
    backend = cdktf.S3Backend(
        stack,
        bucket=props.bucket_name,
        key=state_key(environment, stack.node.id),
        region=region,
        encrypt=encrypt or None,
        kms_key_id=key_arn,
        skip_credentials_validation=only_emulated,
        skip_metadata_api_check=only_emulated,
        skip_region_validation=only_emulated,
        skip_s3_checksum=only_emulated,
        use_path_style=only_emulated,
    )
    # cdktf 0.21 has no argument for it
    backend.add_override("use_lockfile", True)
    return backend
