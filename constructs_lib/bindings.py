"""The one place that imports CDKTF and the AWS provider's bindings."""

import cdktf
import cdktf_cdktf_provider_aws as aws
from constructs import Construct, IConstruct, IDependable

__all__ = ["Construct", "IConstruct", "IDependable", "aws", "cdktf"]
