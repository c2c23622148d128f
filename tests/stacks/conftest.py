"""The embedded AWS that these tests plan against."""

from tests.support.embedded_aws import aws_url

__all__ = ["aws_url"]
