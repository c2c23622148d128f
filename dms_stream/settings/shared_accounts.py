"""What two environments would both make, in one account or, as buckets, in all of AWS."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from constructs_lib.cdc_pipeline import CdcPipelineProps
from constructs_lib.dms_account_roles import DmsAccountRolesProps
from constructs_lib.errors import Fault
from constructs_lib.landing_bucket import LandingBucketProps
from constructs_lib.state_backend import StateBackendProps
from dms_stream.settings.shared_folders import shared_folder_faults
from dms_stream.settings.shared_names import names_by_default, names_given

_ROLES = ("vpc_role", "cloudwatch_logs_role", "serverless_role")


class IEnvironment(Protocol):
    """An environment, as far as it is compared: see `Environment`."""

    @property
    def region(self) -> str: ...
    @property
    def account_ids(self) -> tuple[str, ...]: ...
    @property
    def emulated(self) -> bool: ...
    @property
    def state(self) -> StateBackendProps: ...
    @property
    def account_roles(self) -> DmsAccountRolesProps: ...
    @property
    def pipelines(self) -> Mapping[str, CdcPipelineProps]: ...


def shared_account_faults(
    environment_name: str, environment: IEnvironment, others: Mapping[str, IEnvironment]
) -> list[Fault]:
    """What the environment would make and another one has, as far as their settings tell.

    Args:
        environment_name: Its name.
        environment: The environment.
        others: The project's other environments by name. Those without
            `account_ids` may be anywhere; only their buckets are compared.
    """
    if environment.emulated:
        return []
    return [
        fault
        for name, other in others.items()
        if not other.emulated
        for fault in [
            *_buckets(environment, name, other),
            *shared_folder_faults(environment.pipelines, other.pipelines, of=name),
            *(_roles(environment, name, other) if _one_account(environment, other) else ()),
            *(
                _names(environment_name, environment, name, other)
                if _one_place(environment, other)
                else ()
            ),
        ]
    ]


def _one_account(one: IEnvironment, other: IEnvironment) -> bool:
    return bool(set(one.account_ids) & set(other.account_ids))


def _one_place(one: IEnvironment, other: IEnvironment) -> bool:
    return one.region == other.region and _one_account(one, other)


def _buckets(environment: IEnvironment, name: str, other: IEnvironment) -> Iterator[Fault]:
    theirs = set(_bucket_names(other).values())
    for key, bucket in _bucket_names(environment).items():
        if bucket in theirs:
            yield Fault(
                key,
                f"is a bucket that the environment {name} makes, and no two buckets of AWS "
                "share a name: choose another one",
                bucket,
            )


def _bucket_names(environment: IEnvironment) -> dict[str, str]:
    """The buckets that it makes under names of its own, by key."""
    found = {"state.bucket_name": environment.state.bucket_name}
    for pipeline, props in environment.pipelines.items():
        bucket = props.landing_bucket
        if isinstance(bucket, LandingBucketProps) and bucket.name is not None:
            found[f"pipelines.{pipeline}.landing_bucket.name"] = bucket.name
    return found


def _roles(environment: IEnvironment, name: str, other: IEnvironment) -> Iterator[Fault]:
    for key in _ROLES:
        if getattr(environment.account_roles, key) == "create" == getattr(other.account_roles, key):
            yield Fault(
                f"account_roles.{key}",
                f"creates what the environment {name} creates in the same account, which "
                "has it once: let one of the two create it, and set `skip` in the other "
                "(docs/existing-role.md)",
                "create",
            )


def _names(
    environment_name: str, environment: IEnvironment, other_name: str, other: IEnvironment
) -> Iterator[Fault]:
    theirs = _all_names(other_name, other)
    for pipeline, props in environment.pipelines.items():
        for key, name in names_given(props):
            if key != "landing_bucket.name" and (key, name) in theirs:
                yield Fault(
                    f"pipelines.{pipeline}.{key}",
                    f"is a name that the environment {other_name} gives in the same account and "
                    "region: choose another one, or leave it out",
                    name,
                )
        for key, name in names_by_default(f"{environment_name}-{pipeline}", props):
            if (key, name) in theirs:
                yield Fault(
                    f"pipelines.{pipeline}.{key}",
                    f"is {name} by default, a name that the environment {other_name} gives "
                    "in the same account and region: give another one here or there",
                    "none",
                )


def _all_names(environment_name: str, environment: IEnvironment) -> set[tuple[str, str]]:
    return {
        pair
        for pipeline, props in environment.pipelines.items()
        for pair in [
            *names_given(props),
            *names_by_default(f"{environment_name}-{pipeline}", props),
        ]
    }
