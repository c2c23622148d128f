"""Plan review: what a change will do to the data, before it is applied.

    plan = parse_plan(Path("plan.json").read_bytes(), "plan.json")
    review = review_plans([plan])
    sys.stdout.write(markdown_report(review))

It reads what `terraform show -json` writes, and nothing else: no AWS, no provider, no stacks.
"""

from review.acknowledgements import Acknowledgement, Stale, load_acknowledgements
from review.errors import AcknowledgementsError, PlanError
from review.plan import Action, Plan, Protection, ResourceChange, parse_plan
from review.protection import protected_addresses
from review.reviewing import Review, review_plans
from review.rule import Finding, Rule
from review.rules import ALL_RULES
from review.severity import Severity

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
