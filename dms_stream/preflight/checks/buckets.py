"""The buckets: names that are free or ours, and buckets that exist where the settings say so."""

from collections.abc import Iterator

from botocore.exceptions import ClientError

from constructs_lib.cdc_pipeline import CdcPipelineProps
from constructs_lib.landing_bucket.props import ImportedBucketProps, LandingBucketProps
from dms_stream.preflight.account import Account, error_code
from dms_stream.preflight.check import Result, account_check, pipeline_check

# what environments/seed.yaml ships with: whoever comes first owns it, in all of AWS
_SEEDS_OWN_NAME = "dms-stream-seed-terraform-state"
_ANYBODYS = "Bucket names are shared by all of AWS: choose another, with your company's name in it."


@account_check("the state bucket's name", "state.bucket_name")
def state_bucket(account: Account) -> Iterator[Result]:
    """The state bucket is ours, or its name is free."""
    where, name = "state.bucket_name", account.settings.state.bucket_name
    if name == _SEEDS_OWN_NAME and not account.settings.emulated:
        yield Result(
            where, "fail", f"{name} is the name that the example settings ship with", _ANYBODYS
        )
        return
    owner = _owner(account, name)
    if owner == "nobody":
        yield Result(where, "pass", f"{name} is free")
    elif owner == "somebody else":
        yield Result(where, "fail", f"{name} belongs to another account", _ANYBODYS)
    elif any(account.is_deployed(stack) for stack in account.stacks):
        yield Result(where, "pass", f"{name} is ours")
    else:
        yield Result(
            where,
            "fail",
            f"{name} exists in this account, and holds no state of this environment",
            "Choose another name, or import the bucket into the bootstrap stack.",
        )


@pipeline_check("the landing bucket", "landing_bucket")
def landing_bucket(account: Account, name: str, props: CdcPipelineProps) -> Iterator[Result]:
    """A bucket that exists is there, and encrypted with the key that the settings name."""
    where, bucket = f"pipelines.{name}.landing_bucket", props.landing_bucket
    if bucket is None:
        return
    if isinstance(bucket, LandingBucketProps):
        if bucket.access_log:
            yield from _existing(
                account, f"{where}.access_log.bucket_name", bucket.access_log.bucket_name
            )
        # a name of its own is looked for among the names that exist
        return
    yield from _existing(account, f"{where}.bucket_name", bucket.bucket_name)
    yield from _encryption(account, where, bucket)


def _existing(account: Account, where: str, name: str) -> Iterator[Result]:
    owner = _owner(account, name)
    if owner == "nobody":
        yield Result(where, "fail", f"there is no bucket {name}", "Name a bucket that exists.")
    elif owner == "somebody else":
        yield Result(
            where,
            "warn",
            f"{name} belongs to another account, or these credentials may not look at it",
            "See that its policy lets the pipeline's roles in.",
        )
    else:
        yield Result(where, "pass", f"{name} is a bucket of this account")


def _encryption(account: Account, where: str, bucket: ImportedBucketProps) -> Iterator[Result]:
    try:
        answer = account.client("s3").get_bucket_encryption(Bucket=bucket.bucket_name)
    except ClientError as error:
        if error_code(error) in ("ServerSideEncryptionConfigurationNotFoundError", "NoSuchBucket"):
            return
        raise
    for rule in answer["ServerSideEncryptionConfiguration"]["Rules"]:
        default = rule.get("ApplyServerSideEncryptionByDefault", {})
        key = default.get("KMSMasterKeyID")
        if key and bucket.key_arn is None and not key.endswith("alias/aws/s3"):
            yield Result(
                f"{where}.key_arn",
                "fail",
                f"the bucket is encrypted with {key}, and Firehose would not be let into that key",
                f"Set `{where}.key_arn` to the key's ARN.",
            )


def _owner(account: Account, name: str) -> str:
    owner = account.account_id
    try:
        account.client("s3").head_bucket(Bucket=name, ExpectedBucketOwner=owner)
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status == 404:
            return "nobody"
        if status in (301, 400, 403):
            return "somebody else"
        raise
    return "us"
