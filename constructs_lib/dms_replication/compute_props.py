"""What a replication runs on: an instance of its own, an existing one, or DMS Serverless."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from constructs_lib.dms.engine_versions import (
    DEFAULT,
    OLDEST,
    PATTERN,
    RETIRED,
    RETIRED_CLASS_FAMILIES,
    is_before,
)
from constructs_lib.dms.vocabulary import CapacityUnits
from constructs_lib.errors import Fault
from constructs_lib.faults import refuse
from constructs_lib.props import Props, default_kind, plain_hyphens
from constructs_lib.windows import WeeklyWindow


def _known_to_work(version: str) -> str:
    if is_before(version, OLDEST):
        raise ValueError(
            f"must be {OLDEST} or later, the first version that honours the conditions in the "
            "roles' trust policies and reaches AWS's services through VPC endpoints "
            f"({OLDEST.source})"
        )
    if retired := dict(RETIRED.value).get(version):
        raise ValueError(
            f"is retired: AWS has made no new instances of it since {retired:%Y-%m-%d} "
            f"({RETIRED.source}). Use {DEFAULT}"
        )
    return version


def _offered_class(instance_class: str) -> str:
    family = instance_class.split(".")[1]
    if family in RETIRED_CLASS_FAMILIES.value:
        successor = {"t2": "t3", "c4": "c6i", "r4": "r6i"}[family]
        raise ValueError(
            f"is of a family that DMS offers no more ({RETIRED_CLASS_FAMILIES.source}). Use one "
            f"of dms.{successor}"
        )
    return instance_class


EngineVersion = Annotated[str, Field(pattern=PATTERN), AfterValidator(_known_to_work)]
"""A DMS version such as `3.6.1`."""


AvailabilityZone = Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9][a-z]$")]
"""Name of an availability zone, such as `eu-west-1a`."""


class _Placement(Props):
    """Where and when, alike for instances and serverless."""

    multi_az: bool = False
    """Whether a standby in another availability zone takes over. Default: no."""

    availability_zone: AvailabilityZone | None = None
    """Zone to run in; not together with `multi_az`. Default: AWS chooses. Changing it replaces
    the instance or the serverless replication, which the deletion protection refuses."""

    preferred_maintenance_window: WeeklyWindow | None = None
    """When AWS may do maintenance, in UTC, at least 30 minutes a week. Default: AWS chooses."""

    @model_validator(mode="after")
    def _one_zone_or_several(self) -> Self:
        if self.multi_az and self.availability_zone is not None:
            problem = (
                "cannot be used with multi_az (https://docs.aws.amazon.com/dms/latest/APIReference/"
                "API_CreateReplicationInstance.html): remove one of the two"
            )
            refuse(self, [Fault("availability_zone", problem, self.availability_zone)])
        return self


class InstanceCompute(_Placement):
    """A replication instance of the pipeline's own, never reachable from the internet.

    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_ReplicationInstance.html
    """

    kind: Literal["instance"] = "instance"
    """A replication instance; paid by the hour."""

    instance_class: Annotated[
        str, Field(pattern=r"^dms\.[a-z0-9]+\.[a-z0-9]+$"), AfterValidator(_offered_class)
    ] = "dms.t3.medium"
    """Instance class. Default: `dms.t3.medium`, fit for trials and small loads. Sizes:
    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_ReplicationInstance.Types.html"""

    allocated_storage_gib: Annotated[int, Field(ge=5, le=6144)] = 50
    """Storage for logs and for changes that do not fit in memory, 5 to 6144 GiB. Default: 50.
    Bounds: https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/r/dms_replication_instance.html.markdown
    """

    engine_version: EngineVersion | None = DEFAULT.value
    """DMS version that AWS still makes instances of; a retired one is refused. Default: 3.6.1, the
    one whose end is not announced. None: AWS's own default at creation, 3.5.4.
    Source: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_ReleaseNotes.html"""

    auto_minor_version_upgrade: bool | None = None
    """Whether AWS raises the minor version by itself. Default: only where `engine_version` is None:
    after an upgrade Terraform would try to go back to the pinned version, which fails."""

    allow_major_version_upgrade: bool = False
    """Whether `engine_version` may be raised to another major version. Default: no."""

    apply_immediately: bool = True
    """Whether changes of the instance are made at once; False: in the maintenance window, which
    Terraform does not wait for. Default: at once, and the plan is what happens."""

    @model_validator(mode="after")
    def _no_fight_over_the_version(self) -> Self:
        if self.auto_minor_version_upgrade and self.engine_version is not None:
            problem = (
                f"cannot be used with a pinned engine_version ({self.engine_version}): after an "
                "upgrade by AWS every apply would try to go back, which fails. Remove it, or set "
                "engine_version to null"
            )
            refuse(self, [Fault("auto_minor_version_upgrade", problem, "True")])
        return self


class ServerlessCompute(_Placement):
    """Capacity that DMS Serverless adapts to the load.

    It reaches Kinesis and Secrets Manager only through VPC endpoints, and AWS chooses its version:
    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Serverless.Limitations.html
    """

    kind: Literal["serverless"]
    """DMS Serverless; paid by capacity and hour."""

    max_capacity_units: CapacityUnits
    """Most capacity, in DMS capacity units of 2 GB of memory: 1, 2, 4, 8, 16, 32, 64, 128, 192,
    256 or 384."""

    min_capacity_units: CapacityUnits | None = None
    """Least capacity, kept when nothing happens, from the same list. Default: DMS's own, 1."""

    @model_validator(mode="after")
    def _least_below_most(self) -> Self:
        least, most = self.min_capacity_units, self.max_capacity_units
        if least is not None and least > most:
            problem = f"must not exceed max_capacity_units, {most}"
            refuse(self, [Fault("min_capacity_units", problem, str(least))])
        return self


class ExistingCompute(Props):
    """A replication instance that exists already, in the account and region of the pipeline."""

    kind: Literal["existing"]
    """A replication instance that exists already and may serve other tasks too."""

    replication_instance_id: Annotated[
        str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$"), AfterValidator(plain_hyphens)
    ]
    """Identifier of the instance, which Terraform looks up. Its network must reach the source and
    AWS's services; the pipeline's network does not apply to it."""


Compute = Annotated[
    InstanceCompute | ServerlessCompute | ExistingCompute,
    Field(discriminator="kind"),
    default_kind("instance"),
]
"""`kind: instance` (the default), `kind: serverless` or `kind: existing`."""
