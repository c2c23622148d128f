"""How long a review of a huge plan takes: `python -m benchmarks.review [--check]`.

With `--check` it exits with 1 when 10,000 changing resources take five seconds or more.
"""

import resource
import sys
import time

from rich.console import Console

from benchmarks.plans import plan_json
from dms_stream.review import parse_plan, review_plans

RESOURCES = 10_000
_LIMIT_SECONDS = 5


def main() -> None:
    """Measure reading and reviewing, alternating with reading alone, the limit it stands beside."""
    text = plan_json(RESOURCES)
    took = []
    for _ in range(3):
        began = time.perf_counter()
        plan = parse_plan(text, "huge.json")
        read = time.perf_counter() - began
        review = review_plans([plan])
        took.append((time.perf_counter() - began, read))
    whole, read = sorted(took)[1]
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    Console().print(
        f"{RESOURCES} resources, {len(text) / 1e6:.0f} MB, {len(review.findings)} findings: "
        f"{whole:.1f} s, of which reading {read:.1f} s; {peak_mib} MiB at most"
    )
    if "--check" in sys.argv and whole >= _LIMIT_SECONDS:
        sys.exit(1)


if __name__ == "__main__":
    main()
