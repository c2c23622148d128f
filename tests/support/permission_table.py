"""What each role, service and stranger must and must not be able to do, from AWS's own pages.

A row is a request. `needed` rows must be allowed, the others must not.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tests.support.policies import Role, Stack, default_key_policy, resource_policies, roles
from tests.support.synth import Json
from tests.support.variants import ACCOUNT, REGION

STRANGER = "210987654321"
DMS_KINESIS = "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Kinesis.html"
DMS_ASSESSMENTS = "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.AssessmentReport.Prerequisites.html"
DMS_SECRETS = "https://docs.aws.amazon.com/dms/latest/userguide/security_iam_secretsmanager.html"
ENDPOINTS = "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html"
DMS_DEPUTY = (
    "https://docs.aws.amazon.com/dms/latest/userguide/cross-service-confused-deputy-prevention.html"
)
DMS_SERVERLESS = "https://docs.aws.amazon.com/dms/latest/userguide/slr-services-sl.html"
DEPUTY = "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html"
FIREHOSE = "https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html"
KINESIS_KEYS = "https://docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html"
LEAST = "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege"
S3_TLS = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html"
S3_KEYS = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html"
SECRET_KEYS = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html"
LAMBDA_KINESIS = "https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html"
EVENTS = "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Events.html"
SNS_KEYS = "https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html"
SNS_TLS = "https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html"
CHATBOT = "https://docs.aws.amazon.com/chatbot/latest/adminguide/understanding-permissions.html"
KEY_POLICIES = "https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html"

TLS = {"aws:SecureTransport": "true", "s3:TlsVersion": "1.3"}


@dataclass(frozen=True)
class Row:
    """A request, and whether it must be allowed.

    Attributes:
        who: Principal: an ARN or a service.
        action: What.
        on: ARN.
        needed: Whether it must be allowed.
        page: AWS's page that says so.
        context: Context keys.
        identity: Policies of the principal, by address.
        resource_policy: Policy of what is accessed, and by which ARN or address it goes.
        endpoint_policy: Policy of the VPC endpoint on the way, and the endpoint's address.
        owner: Account of what is accessed, where the ARN does not say it.
    """

    who: str
    action: str
    on: str
    needed: bool
    page: str
    context: Mapping[str, str | Sequence[str]]
    identity: Mapping[str, Json]
    resource_policy: tuple[str, Json] | None = None
    endpoint_policy: tuple[str, Json] | None = None
    owner: str = ACCOUNT

    def __str__(self) -> str:
        word = "must" if self.needed else "must not"
        given = ", ".join(f"{key}={value}" for key, value in self.context.items())
        return f"{self.who} {word} {self.action} on {self.on} ({given}): {self.page}"

    @property
    def policies(self) -> dict[str, Json]:
        """All policies the answer hangs on, by address."""
        own = [policy for policy in (self.resource_policy, self.endpoint_policy) if policy]
        return {**self.identity, **dict(own)}

    def with_policy(self, address: str, policy: Json) -> "Row":
        """The same request under another policy."""
        if self.resource_policy and self.resource_policy[0] == address:
            return replace(self, resource_policy=(address, policy))
        if self.endpoint_policy and self.endpoint_policy[0] == address:
            return replace(self, endpoint_policy=(address, policy))
        return replace(self, identity={**self.identity, address: policy})

    def simulation(self) -> Json:
        """For the engine."""
        account = self.on.split(":")[4]
        request: Json = {
            "principal": self.who,
            "action": self.action,
            "resource": {"resource": self.on, "accountId": account or self.owner},
            "contextVariables": dict(self.context),
        }
        allow_all = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        found: Json = {
            "request": request,
            "identityPolicies": [
                {"name": name.replace(".", "-"), "policy": policy}
                for name, policy in self.identity.items()
                if policy["Statement"]
            ],
            "serviceControlPolicies": [
                {
                    "orgIdentifier": "o-0",
                    "policies": [
                        {"name": "all", "policy": {"Version": "2012-10-17", "Statement": allow_all}}
                    ],
                }
            ],
            "resourceControlPolicies": [],
        }
        if self.resource_policy and self.resource_policy[1]["Statement"]:
            found["resourcePolicy"] = self.resource_policy[1]
        # without a policy an endpoint lets everything through
        if self.endpoint_policy and self.endpoint_policy[1]["Statement"]:
            found["vpcEndpointPolicies"] = [{"name": "endpoint", "policy": self.endpoint_policy[1]}]
        return found


@dataclass(frozen=True)
class _Subject:
    """A role as the requests' principal."""

    role: Role
    resource_policies: Mapping[str, Json]

    def rows(
        self,
        actions: Sequence[str],
        on: str,
        page: str,
        *,
        needed: bool = True,
    ) -> Iterator[Row]:
        for action in actions:
            yield Row(
                self.role.arn,
                action,
                on,
                needed,
                page,
                TLS,
                self.role.policies,
                self._policy_of(on),
            )

    def on_key(
        self,
        actions: Sequence[str],
        key: str,
        page: str,
        context: Mapping[str, str | Sequence[str]],
        *,
        needed: bool = True,
    ) -> Iterator[Row]:
        policy = self.resource_policies.get(key, default_key_policy())
        for action in actions:
            yield Row(
                self.role.arn,
                action,
                key,
                needed,
                page,
                context,
                self.role.policies,
                (key, policy),
            )

    def _policy_of(self, on: str) -> tuple[str, Json] | None:
        for arn, policy in self.resource_policies.items():
            if on == arn or on.startswith(f"{arn}/"):
                return arn, policy
        return None


def rows(document: Json) -> list[Row]:
    """All rows of a stack."""
    stack = Stack(document)
    protected = resource_policies(stack)
    found: list[Row] = []
    for role in roles(stack):
        subject = _Subject(role, protected)
        if role.address.endswith("_target_endpoint_role"):
            found += _target(stack, subject)
        elif role.address.endswith("_source_endpoint_role"):
            found += _source(stack, subject)
        elif role.address.endswith(("_delivery_role", ".delivery_role")):
            found += _delivery(stack, subject)
        elif role.address.endswith("_assessment_role"):
            found += _assessments(stack, subject)
        elif role.address == "aws_iam_role.worker_role":
            found += _reader(stack, subject)
        elif role.address.endswith("_slack_role"):
            found += _slack(role, subject)
        elif role.address in ("aws_iam_role.dms_vpc_role", "aws_iam_role.dms_cloudwatch_logs_role"):
            found += _trust(role, "dms.amazonaws.com", DMS_DEPUTY)
        else:
            raise AssertionError(f"{role.address} has no rows here: say what it needs")
    for address in stack.resources("aws_sns_topic"):
        found += _topic(stack, address, protected)
    for address in stack.resources("aws_s3_bucket"):
        found += _bucket(stack.arn(address), protected)
    for address, endpoint in stack.resources("aws_vpc_endpoint").items():
        if "policy" in endpoint:
            service = endpoint["service_name"].rpartition(".")[2]
            found += _through(address, service, stack.policy(endpoint["policy"]))
    found += _serverless_key(stack, protected)
    return found


def _target(stack: Stack, subject: _Subject) -> Iterator[Row]:
    stream = _endpoint(stack, "kinesis_settings")["kinesis_settings"]["stream_arn"]
    arn = stack.text(stream)
    yield from _trust(subject.role, "dms.amazonaws.com", DMS_DEPUTY)
    yield from subject.rows(
        ["kinesis:DescribeStream", "kinesis:PutRecord", "kinesis:PutRecords"], arn, DMS_KINESIS
    )
    forbidden = ["kinesis:GetRecords", "kinesis:DeleteStream", "kinesis:MergeShards"]
    yield from subject.rows(forbidden, arn, LEAST, needed=False)
    yield from subject.rows(["kinesis:PutRecord"], f"{arn}2", LEAST, needed=False)
    if key := _stream_key(stack, subject, "encrypt"):
        context = _via("kinesis", "aws:kinesis:arn", arn)
        yield from subject.on_key(["kms:GenerateDataKey"], key, KINESIS_KEYS, context)
        forbidden = ["kms:Decrypt", "kms:ScheduleKeyDeletion", "kms:CreateGrant"]
        yield from subject.on_key(forbidden, key, KINESIS_KEYS, context, needed=False)


def _source(stack: Stack, subject: _Subject) -> Iterator[Row]:
    secret = stack.text(_endpoint(stack, "secrets_manager_arn")["secrets_manager_arn"])
    yield from _trust(subject.role, f"dms.{REGION}.amazonaws.com", DMS_SECRETS)
    needed = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
    yield from subject.rows(needed, secret, DMS_SECRETS)
    forbidden = ["secretsmanager:PutSecretValue", "secretsmanager:DeleteSecret"]
    yield from subject.rows(forbidden, secret, LEAST, needed=False)
    other = secret.replace(":secret:", ":secret:other-")
    yield from subject.rows(needed, other, LEAST, needed=False)
    for key in _keys(subject, "decrypt"):
        context = _via("secretsmanager", "SecretARN", secret)
        yield from subject.on_key(["kms:Decrypt"], key, SECRET_KEYS, context)
        yield from subject.on_key(["kms:DescribeKey"], key, DMS_SECRETS, {})
        yield from subject.on_key(["kms:Decrypt"], key, SECRET_KEYS, {}, needed=False)
        wrong = _via("secretsmanager", "SecretARN", other)
        yield from subject.on_key(["kms:Decrypt"], key, SECRET_KEYS, wrong, needed=False)
        yield from subject.on_key(["kms:GenerateDataKey"], key, LEAST, context, needed=False)


def _assessments(stack: Stack, subject: _Subject) -> Iterator[Row]:
    (delivery,) = stack.resources("aws_kinesis_firehose_delivery_stream").values()
    bucket = stack.text(delivery["extended_s3_configuration"]["bucket_arn"])
    found, data = f"{bucket}/premigration-assessments/x.json", f"{bucket}/changes/a.gz"
    yield from _trust(subject.role, "dms.amazonaws.com", DMS_DEPUTY)
    yield from subject.rows(["s3:GetBucketLocation", "s3:ListBucket"], bucket, DMS_ASSESSMENTS)
    on_objects = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject", "s3:PutObjectTagging"]
    yield from subject.rows(on_objects, found, DMS_ASSESSMENTS)
    yield from subject.rows(on_objects, data, LEAST, needed=False)
    yield from subject.rows(["s3:DeleteBucket"], bucket, LEAST, needed=False)
    use = ["kms:Decrypt", "kms:GenerateDataKey"]
    for key in _keys(subject, "use"):
        yield from subject.on_key(use, key, S3_KEYS, _via("s3", "aws:s3:arn", bucket))
        wrong = _via("s3", "aws:s3:arn", data)
        yield from subject.on_key(use, key, LEAST, wrong, needed=False)


def _reader(stack: Stack, subject: _Subject) -> Iterator[Row]:
    """A Lambda function of a foreign app that reads the stream."""
    (stream,) = (stack.arn(address) for address in stack.resources("aws_kinesis_stream"))
    yield from _trust(subject.role, "lambda.amazonaws.com", LAMBDA_KINESIS)
    read = ["DescribeStream", "GetShardIterator", "GetRecords", "ListShards"]
    yield from subject.rows([f"kinesis:{action}" for action in read], stream, LAMBDA_KINESIS)
    yield from subject.rows(["kinesis:PutRecord"], stream, LEAST, needed=False)


def _delivery(stack: Stack, subject: _Subject) -> Iterator[Row]:
    (delivery,) = stack.resources("aws_kinesis_firehose_delivery_stream").values()
    stream = stack.text(delivery["kinesis_source_configuration"]["kinesis_stream_arn"])
    landing = delivery["extended_s3_configuration"]
    bucket = stack.text(landing["bucket_arn"])
    yield from _trust(subject.role, "firehose.amazonaws.com", FIREHOSE, external_id=ACCOUNT)
    read = ["DescribeStream", "GetShardIterator", "GetRecords", "ListShards"]
    yield from subject.rows([f"kinesis:{action}" for action in read], stream, FIREHOSE)
    yield from subject.rows(["kinesis:PutRecord"], stream, LEAST, needed=False)
    on_bucket = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
    yield from subject.rows(on_bucket, bucket, FIREHOSE)
    on_objects = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
    for folder in ("changes", "errors"):
        yield from subject.rows(on_objects, f"{bucket}/{folder}/a.gz", FIREHOSE)
        yield from subject.rows(["s3:DeleteObject"], f"{bucket}/{folder}/a.gz", LEAST, needed=False)
    yield from subject.rows(["s3:PutObject"], f"{bucket}/other/a.gz", LEAST, needed=False)
    yield from subject.rows(["s3:DeleteBucket"], bucket, LEAST, needed=False)
    logging = landing["cloudwatch_logging_options"]
    group = stack.text(logging["log_group_name"])
    log = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}:log-stream:DestinationDelivery"
    yield from subject.rows(["logs:PutLogEvents"], log, FIREHOSE)
    yield from subject.rows(["logs:PutLogEvents"], f"{log}2", LEAST, needed=False)
    if key := _stream_key(stack, subject, "decrypt"):
        context = _via("kinesis", "aws:kinesis:arn", stream)
        yield from subject.on_key(["kms:Decrypt"], key, FIREHOSE, context)
        yield from subject.on_key(["kms:GenerateDataKey"], key, LEAST, context, needed=False)
        yield from subject.on_key(["kms:Decrypt"], key, FIREHOSE, {}, needed=False)
    for key in _keys(subject, "use"):
        for what in (bucket, f"{bucket}/changes/a.gz", f"{bucket}/errors/a.gz"):
            context = _via("s3", "aws:s3:arn", what)
            page = S3_KEYS if what == bucket else FIREHOSE
            yield from subject.on_key(["kms:Decrypt", "kms:GenerateDataKey"], key, page, context)
        wrong = _via("s3", "aws:s3:arn", f"{bucket}/other/a.gz")
        for forbidden in (wrong, {}):
            yield from subject.on_key(["kms:Decrypt"], key, FIREHOSE, forbidden, needed=False)
        yield from subject.on_key(["kms:ScheduleKeyDeletion"], key, LEAST, {}, needed=False)
    if "data_format_conversion_configuration" in landing:
        yield from _schema(stack, subject, landing)


def _schema(stack: Stack, subject: _Subject, landing: Json) -> Iterator[Row]:
    schema = landing["data_format_conversion_configuration"]["schema_configuration"]
    database, table = (stack.text(schema[key]) for key in ("database_name", "table_name"))
    glue = f"arn:aws:glue:{REGION}:{ACCOUNT}"
    on = f"{glue}:table/{database}/{table}"
    read = ["glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions"]
    yield from subject.rows(read, on, FIREHOSE)
    yield from subject.rows(["glue:UpdateTable"], on, LEAST, needed=False)
    # Glue asks for the parents' permission as well
    yield from subject.rows(["glue:GetTable"], f"{glue}:catalog", FIREHOSE)
    yield from subject.rows(["glue:GetTable"], f"{glue}:database/{database}", FIREHOSE)
    yield from subject.rows(
        ["glue:GetTable"], f"{glue}:table/{database}/other", LEAST, needed=False
    )


def _trust(role: Role, service: str, page: str, *, external_id: str | None = None) -> Iterator[Row]:
    def row(
        who: str, context: Mapping[str, str], *, needed: bool, of: str = page, sends_id: bool = True
    ) -> Row:
        given = {"sts:ExternalId": external_id} if external_id and sends_id else {}
        trust = (role.address, role.trust)
        return Row(who, "sts:AssumeRole", role.arn, needed, of, {**given, **context}, {}, trust)

    ours = {
        "aws:SourceAccount": ACCOUNT,
        "aws:SourceArn": f"arn:aws:dms:{REGION}:{ACCOUNT}:task:ABC",
    }
    theirs = {
        "aws:SourceAccount": STRANGER,
        "aws:SourceArn": f"arn:aws:dms:{REGION}:{STRANGER}:task:ABC",
    }
    yield row(service, ours, needed=True)
    # not every service is proven to send them
    yield row(service, {}, needed=True)
    yield row(service, theirs, needed=False, of=DEPUTY)
    yield row("ec2.amazonaws.com", ours, needed=False, of=LEAST)
    yield row(f"arn:aws:iam::{STRANGER}:root", {}, needed=False, of=LEAST)
    yield row(f"arn:aws:iam::{ACCOUNT}:user/somebody", {}, needed=False, of=LEAST)
    if external_id:
        yield row(service, ours, needed=False, of=FIREHOSE, sends_id=False)


def _slack(role: Role, subject: _Subject) -> Iterator[Row]:
    yield from _trust(role, "chatbot.amazonaws.com", DEPUTY)
    alarm = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:any"
    yield from subject.rows(["cloudwatch:DescribeAlarms"], alarm, CHATBOT)
    metrics = ["cloudwatch:GetMetricData", "cloudwatch:ListMetrics"]
    dataset = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:dataset/default"
    yield from subject.rows(metrics, dataset, CHATBOT)
    yield from subject.rows(["cloudwatch:DeleteAlarms"], alarm, LEAST, needed=False)
    log = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:any"
    yield from subject.rows(["logs:FilterLogEvents"], log, LEAST, needed=False)


DMS_PUBLISHERS = ("dms.amazonaws.com", "events.amazonaws.com")


def _topic(stack: Stack, address: str, protected: Mapping[str, Json]) -> Iterator[Row]:
    arn = stack.arn(address)
    policy = (arn, protected[arn])
    service, ours = "cloudwatch.amazonaws.com", {"aws:SourceAccount": ACCOUNT}
    publishers = _publishers(stack, arn)

    def row(who: str, context: Mapping[str, str], *, needed: bool, page: str) -> Row:
        return Row(who, "sns:Publish", arn, needed, page, {**TLS, **context}, {}, policy)

    yield row(service, ours, needed=True, page=SNS_KEYS)
    yield row(service, {"aws:SourceAccount": STRANGER}, needed=False, page=DEPUTY)
    plain = {**ours, "aws:SecureTransport": "false"}
    yield row(service, plain, needed=False, page=SNS_TLS)
    yield row(f"arn:aws:iam::{STRANGER}:root", {}, needed=False, page=LEAST)
    # who may publish by IAM, may not without TLS
    publish = {"Effect": "Allow", "Action": "sns:Publish", "Resource": "*"}
    identity = {"publisher": {"Version": "2012-10-17", "Statement": [publish]}}
    user = f"arn:aws:iam::{ACCOUNT}:user/somebody"
    unsafe = {"aws:SecureTransport": "false"}
    yield Row(user, "sns:Publish", arn, False, SNS_TLS, unsafe, identity, policy)
    for publisher in DMS_PUBLISHERS:
        yield row(publisher, ours, needed=publisher in publishers, page=EVENTS)
        # EventBridge sends no account to a topic
        yield row(publisher, {}, needed=publisher in publishers, page=EVENTS)
        yield row(publisher, {"aws:SourceAccount": STRANGER}, needed=False, page=DEPUTY)
    key_arn = stack.resources("aws_sns_topic")[address].get("kms_master_key_id")
    if key_arn is None:
        return
    key = stack.text(key_arn)
    key_policy = (key, protected.get(key, default_key_policy()))
    of_key = {
        publisher
        for other, topic in stack.resources("aws_sns_topic").items()
        if topic.get("kms_master_key_id") == key_arn
        for publisher in _publishers(stack, stack.arn(other))
    }
    for publisher in DMS_PUBLISHERS:
        for action in ("kms:Decrypt", "kms:GenerateDataKey"):
            needed = publisher in of_key
            yield Row(publisher, action, key, needed, SNS_KEYS, ours, {}, key_policy)
    for action in ("kms:Decrypt", "kms:GenerateDataKey"):
        yield Row(service, action, key, True, SNS_KEYS, ours, {}, key_policy)
        theirs = {"aws:SourceAccount": STRANGER}
        yield Row(service, action, key, False, DEPUTY, theirs, {}, key_policy)
        yield Row("ec2.amazonaws.com", action, key, False, LEAST, ours, {}, key_policy)
    yield _administrator(key, key_policy)


def _publishers(stack: Stack, topic: str) -> set[str]:
    """Who publishes to a topic, beside CloudWatch."""
    if any(
        stack.text(subscription["sns_topic_arn"]) == topic
        for subscription in stack.resources("aws_dms_event_subscription").values()
    ):
        return set(DMS_PUBLISHERS)
    targets = stack.resources("aws_cloudwatch_event_target").values()
    return (
        {"events.amazonaws.com"} if any(stack.text(t["arn"]) == topic for t in targets) else set()
    )


def _administrator(key: str, policy: tuple[str, Json]) -> Row:
    everything = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    identity = {"administrator": {"Version": "2012-10-17", "Statement": [everything]}}
    who = f"arn:aws:iam::{ACCOUNT}:role/administrator"
    return Row(who, "kms:PutKeyPolicy", key, True, KEY_POLICIES, {}, identity, policy)


def _bucket(arn: str, protected: Mapping[str, Json]) -> Iterator[Row]:
    policy = (arn, protected[arn])
    everything = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    identity = {"reader": {"Version": "2012-10-17", "Statement": [everything]}}
    user, object_ = f"arn:aws:iam::{ACCOUNT}:user/reader", f"{arn}/changes/a.gz"
    yield Row(user, "s3:GetObject", object_, True, S3_TLS, TLS, identity, policy)
    for weak in ({"aws:SecureTransport": "false"}, {"s3:TlsVersion": "1.1"}):
        context = {**TLS, **weak}
        for action, on in (("s3:GetObject", object_), ("s3:ListBucket", arn)):
            yield Row(user, action, on, False, S3_TLS, context, identity, policy)
    stranger = f"arn:aws:iam::{STRANGER}:user/reader"
    yield Row(stranger, "s3:GetObject", object_, False, LEAST, TLS, identity, policy)


_THROUGH = {
    "kinesis-streams": ("kinesis:PutRecord", "kinesis:{region}:{account}:stream/any"),
    "secretsmanager": (
        "secretsmanager:GetSecretValue",
        "secretsmanager:{region}:{account}:secret:any-Ab12Cd",
    ),
    "logs": ("logs:PutLogEvents", "logs:{region}:{account}:log-group:any:log-stream:any"),
    "s3": ("s3:PutObject", "s3:::any/object"),
}


def _through(address: str, service: str, policy: Json) -> Iterator[Row]:
    """An endpoint serves this account's roles, and no stolen credentials of another account."""
    action, resource = _THROUGH[service]
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    identity = {"reader": {"Version": "2012-10-17", "Statement": [everything]}}
    for account, needed in ((ACCOUNT, True), (STRANGER, False)):
        on = f"arn:aws:{resource.format(region=REGION, account=account)}"
        who = f"arn:aws:iam::{account}:role/anybody"
        context = {**TLS, "aws:PrincipalAccount": account}
        row = Row(who, action, on, needed, ENDPOINTS, context, identity)
        yield replace(row, endpoint_policy=(address, policy), owner=account)


def _serverless_key(stack: Stack, protected: Mapping[str, Json]) -> Iterator[Row]:
    for config in stack.resources("aws_dms_replication_config").values():
        given = config["compute_config"].get("kms_key_id")
        if given is None:
            continue
        key = stack.text(given)
        if key not in protected and given.startswith("arn:"):
            # an existing key's policy is its owner's
            continue
        policy = (key, protected.get(key, default_key_policy()))
        role = "role/aws-service-role/dms.amazonaws.com/AWSServiceRoleForDMSServerless"
        via = {"kms:ViaService": f"dms.{REGION}.amazonaws.com", "kms:CallerAccount": ACCOUNT}
        used = ["CreateGrant", "Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey"]
        for action in used:
            who = f"arn:aws:iam::{ACCOUNT}:{role}"
            request = Row(who, f"kms:{action}", key, True, DMS_SERVERLESS, via, {}, policy)
            yield request
            yield replace(request, needed=False, context={"kms:CallerAccount": ACCOUNT})
            yield replace(
                request,
                needed=False,
                who=f"arn:aws:iam::{STRANGER}:{role}",
                context={**via, "kms:CallerAccount": STRANGER},
                page=DEPUTY,
            )
        yield _administrator(key, policy)


def _endpoint(stack: Stack, attribute: str) -> Json:
    (found,) = (e for e in stack.resources("aws_dms_endpoint").values() if attribute in e)
    return found


def _stream_key(stack: Stack, subject: _Subject, verb: str) -> str | None:
    """The customer key of the stream, if the stream has one."""
    found = [
        address
        for address, stream in stack.resources("aws_kinesis_stream").items()
        if not stream["kms_key_id"].startswith("alias/")
    ]
    if found:
        return stack.text(stack.resources("aws_kinesis_stream")[found[0]]["kms_key_id"])
    # an imported stream: whatever key the role has a grant for beside the stream's
    keys = _keys(subject, verb) if not stack.resources("aws_kinesis_stream") else []
    return keys[0] if keys else None


def _keys(subject: _Subject, verb: str) -> list[str]:
    """Keys that the role has a grant of this kind for."""
    return sorted(
        {
            statement["Resource"][0]
            for address, policy in subject.role.policies.items()
            if f"_role_{verb}_" in address
            for statement in policy["Statement"]
            if any(action.startswith("kms:") for action in statement["Action"])
        }
    )


def _via(service: str, key: str, value: str) -> dict[str, str | Sequence[str]]:
    return {
        "kms:ViaService": f"{service}.{REGION}.amazonaws.com",
        f"kms:EncryptionContext:{key}": value,
    }
