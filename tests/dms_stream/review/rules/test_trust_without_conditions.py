"""Examples of the rule `trust-without-conditions`."""

from typing import Any

from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import policy
from tests.support.small_plans import change, update

ROLE = "aws_iam_role"


def trust(**condition: Any) -> str:
    """A trust policy for Firehose."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "firehose.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    return policy(statement | ({"Condition": condition} if condition else {}))


_GUARDED = trust(StringEquals={"aws:SourceAccount": "123456789012"})

_POOLS = "cognito-identity.amazonaws.com"


def _federated(provider: str, *claims: tuple[str, str, str]) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::123456789012:oidc-provider/{provider}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {way: {f"{provider}:{claim}": value} for way, claim, value in claims},
    }
    return change(ROLE, None, {"name": "r", "assume_role_policy": policy(statement)})


EXAMPLES = (
    example(
        "a role that is made",
        change(ROLE, None, {"name": "r", "assume_role_policy": trust()}),
        finds="firehose.amazonaws.com may assume r for any account",
    ),
    example(
        "the condition goes",
        update(ROLE, "assume_role_policy", _GUARDED, trust()),
        finds="firehose.amazonaws.com may assume aws_iam_role.it for any account",
    ),
    example("with one", change(ROLE, None, {"name": "r", "assume_role_policy": _GUARDED})),
    example(
        "a service that acts for nobody else",
        change(
            ROLE,
            None,
            {"assume_role_policy": trust().replace("firehose", "monitoring.rds")},
        ),
    ),
    *(
        example(
            f"for {source}",
            change(
                ROLE,
                None,
                {"name": "r", "assume_role_policy": trust(ArnLike={"aws:SourceArn": source})},
            ),
            finds=() if named else "firehose.amazonaws.com may assume r for any account",
        )
        for source, named in (
            ("arn:aws:firehose:*:*:deliverystream/*", False),
            ("arn:aws:firehose:*", False),
            ("arn:aws:firehose:*:123456789012:deliverystream/*", True),
        )
    ),
    *(
        example(f"{value} of {provider}", _federated(provider, ("StringLike", claim, value)))
        for provider, claim, value in (
            ("oidc.eks.eu-west-1.amazonaws.com/id/A", "sub", "system:serviceaccount:data:*"),
            ("app.terraform.io", "sub", "organization:acme:project:*:workspace:*"),
            ("api.bitbucket.org/oidc", "sub", "{1f2e-3d}:*"),
            ("oidc.circleci.com/org/1", "sub", "org/1/project/2/*"),
            ("token.actions.githubusercontent.com", "repository", "acme/*"),
            (_POOLS, "aud", "eu-west-1:1f2e"),
        )
    ),
    *(
        example(
            f"{way} {value} of {provider}, which strangers satisfy",
            _federated(provider, (way, claim, value)),
            finds=f"anybody whom {provider} vouches for may assume r",
        )
        for way, provider, claim, value in (
            (
                "StringLike",
                "oidc.eks.eu-west-1.amazonaws.com/id/A",
                "sub",
                "system:serviceaccount:*",
            ),
            (
                "StringLike",
                "oidc.eks.eu-west-1.amazonaws.com/id/A",
                "sub",
                "system:serviceaccount:data*",
            ),
            ("StringLike", "app.terraform.io", "sub", "organization:acm*"),
            ("StringLike", "api.bitbucket.org/oidc", "sub", "{*}:{1f2e-3d}"),
            ("StringLike", "token.actions.githubusercontent.com", "repository", "acme*"),
            ("StringLike", "token.actions.githubusercontent.com", "environment", "production"),
            ("StringLike", "token.actions.githubusercontent.com", "aud", "sts.amazonaws.com"),
            ("StringLike", _POOLS, "amr", "authenticated"),
            ("StringLike", _POOLS, "aud", "eu-west-1:*"),
            ("Null", _POOLS, "sub", "false"),
            ("StringNotEquals", _POOLS, "sub", "eu-west-1:1f2e"),
        )
    ),
)

test_examples = examples_of("trust-without-conditions", EXAMPLES)
