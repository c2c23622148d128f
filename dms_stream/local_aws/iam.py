"""IAM: AWS's own policies, read once."""

from copy import copy
from functools import cache
from typing import Any

from moto.iam.models import IAMBackend

from dms_stream.local_aws.repairs import Method, Repairs

repairs = Repairs()


@repairs.around(IAMBackend, "_init_aws_policies")
def _init_aws_policies(original: Method, self: IAMBackend) -> list[Any]:
    # moto reads 1,500 policies for each of AWS's six partitions, and again at every reset. They
    # are copied as IAM counts in each how often it is attached.
    if self.partition != "aws":
        return []
    return [copy(policy) for policy in _policies(original, self.account_id, self.region_name)]


@cache
def _policies(original: Method, account_id: str, region_name: str) -> tuple[Any, ...]:
    blank = IAMBackend.__new__(IAMBackend)
    blank.account_id, blank.region_name = account_id, region_name
    return tuple(original(blank))
