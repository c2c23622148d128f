"""Plan review: what a change will do to the data, before it is applied.

    plan = parse_plan(Path("plan.json").read_bytes(), "plan.json")
    review = review_plans([plan])
    sys.stdout.write(markdown_report(review))

It reads what `terraform show -json` writes, and nothing else: no AWS, no provider, no stacks.
"""

from dms_stream.review.acknowledgements import Acknowledgement, Stale, load_acknowledgements
from dms_stream.review.errors import AcknowledgementsError, PlanError
from dms_stream.review.plan import Action, Plan, Protection, ResourceChange, parse_plan
from dms_stream.review.protection import protected_addresses
from dms_stream.review.reviewing import Review, review_plans
from dms_stream.review.rule import Finding, Rule
from dms_stream.review.rules import ALL_RULES
from dms_stream.review.severity import Severity

__all__ = [
    "ALL_RULES",
    "Acknowledgement",
    "AcknowledgementsError",
    "Action",
    "Finding",
    "Plan",
    "PlanError",
    "Protection",
    "ResourceChange",
    "Review",
    "Rule",
    "Severity",
    "Stale",
    "load_acknowledgements",
    "parse_plan",
    "protected_addresses",
    "review_plans",
]
