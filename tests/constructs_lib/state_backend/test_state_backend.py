"""StateBackend and use_state_backend: the bucket of the states, and a stack that uses it."""

from datetime import timedelta

import pytest

from constructs_lib.addresses import ReadableAddressStack
from constructs_lib.customer_key import CustomerKeyEncryption
from constructs_lib.errors import InvalidPropsError
from constructs_lib.state_backend import StateBackend, StateBackendProps, use_state_backend
from tests.support.synth import Json, addresses, resource, synth

KEY_ARN = "arn:aws:kms:eu-west-1:123456789012:key/0f0e0d0c-1111-2222-3333-444455556666"
PROPS = StateBackendProps(bucket_name="acme-tfstate")


def synth_bucket(props: StateBackendProps = PROPS) -> Json:
    return synth(lambda stack: StateBackend(stack, "state", props=props))


def backend(props: StateBackendProps = PROPS, *, emulated: bool = False) -> Json:
    def build(stack: ReadableAddressStack) -> None:
        use_state_backend(
            stack, props=props, region="eu-west-1", environment="prod", emulated=emulated
        )

    found: Json = synth(build)["terraform"]["backend"]["s3"]
    return found


def test_the_bucket_is_private_kept_and_forgets_old_states_after_90_days() -> None:
    document = synth_bucket()
    assert resource(document, "aws_s3_bucket.state_bucket") == {
        "bucket": "acme-tfstate",
        "force_destroy": False,
        "lifecycle": {"prevent_destroy": True},
    }
    assert [a.split(".")[0] for a in addresses(document)] == [
        "aws_s3_bucket",
        "aws_s3_bucket_lifecycle_configuration",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_versioning",
    ]
    lifecycle = resource(document, "aws_s3_bucket_lifecycle_configuration.state_lifecycle")
    assert lifecycle["rule"] == [
        {
            "id": "expire-old-versions",
            "status": "Enabled",
            "filter": [{"prefix": ""}],
            "noncurrent_version_expiration": [{"noncurrent_days": 90}],
            "abort_incomplete_multipart_upload": [{"days_after_initiation": 7}],
        }
    ]
    # S3 refuses a rule for old versions where there is no versioning yet
    assert lifecycle["depends_on"] == ["aws_s3_bucket_versioning.state_bucket_versioning"]


def test_everything_set() -> None:
    props = StateBackendProps(
        bucket_name="acme-tfstate",
        encryption=CustomerKeyEncryption(kind="customer"),
        old_version_retention=timedelta(days=7),
        deletion_protection=False,
    )
    document = synth_bucket(props)
    lifecycle = resource(document, "aws_s3_bucket_lifecycle_configuration.state_lifecycle")
    assert lifecycle["rule"][0]["noncurrent_version_expiration"] == [{"noncurrent_days": 7}]
    (rule,) = resource(
        document, "aws_s3_bucket_server_side_encryption_configuration.state_bucket_encryption"
    )["rule"]
    assert rule["apply_server_side_encryption_by_default"] == {
        "sse_algorithm": "aws:kms",
        "kms_master_key_id": "${aws_kms_key.state_key.arn}",
    }
    for address in ("aws_s3_bucket.state_bucket", "aws_kms_key.state_key"):
        assert resource(document, address)["lifecycle"] == {"prevent_destroy": False}


def test_a_stack_keeps_its_locked_encrypted_state_under_environment_and_name() -> None:
    assert backend() == {
        "bucket": "acme-tfstate",
        "key": "prod/app.tfstate",
        "region": "eu-west-1",
        "encrypt": True,
        "use_lockfile": True,
    }


def test_an_emulator_gets_the_same_without_the_checks_only_aws_answers() -> None:
    assert backend(emulated=True) == backend() | {
        "skip_credentials_validation": True,
        "skip_metadata_api_check": True,
        "skip_region_validation": True,
        "skip_s3_checksum": True,
        "use_path_style": True,
    }


def test_the_state_is_encrypted_with_the_key_of_the_bucket() -> None:
    existing = CustomerKeyEncryption(kind="customer", key_arn=KEY_ARN)
    given = backend(StateBackendProps(bucket_name="acme-tfstate", encryption=existing))
    assert (given["encrypt"], given["kms_key_id"]) == (True, KEY_ARN)
    # `encrypt` alone would mean S3's own key, against the bucket's default
    new = CustomerKeyEncryption(kind="customer")
    made = backend(StateBackendProps(bucket_name="acme-tfstate", encryption=new))
    assert "encrypt" not in made
    assert "kms_key_id" not in made


@pytest.mark.parametrize(
    ("given", "where", "message"),
    [
        ({}, "bucket_name", "is required and has no default: add it"),
        ({"bucket_name": "Acme"}, "bucket_name", "must match"),
        ({"old_version_retention": 90}, "old_version_retention", "a duration needs its unit"),
        (
            {"old_version_retention": "PT36H"},
            "old_version_retention",
            "must be a whole number of days, from 1 to 36500",
        ),
        ({"force_destroy": True}, "force_destroy", "unknown setting"),
    ],
)
def test_refusals_say_where_and_what_is_allowed(
    given: dict[str, object], where: str, message: str
) -> None:
    with pytest.raises(InvalidPropsError) as caught:
        StateBackendProps(**given)
    assert f"- {where}: " in str(caught.value)
    assert message in str(caught.value)


def test_two_in_one_stack_do_not_collide() -> None:
    def build(stack: ReadableAddressStack) -> None:
        for id_ in ("one", "two"):
            StateBackend(stack, id_, props=StateBackendProps(bucket_name=f"acme-{id_}"))

    buckets = synth(build)["resource"]["aws_s3_bucket"]
    assert {bucket["bucket"] for bucket in buckets.values()} == {"acme-one", "acme-two"}
