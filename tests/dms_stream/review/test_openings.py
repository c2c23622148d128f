"""What passes by two rules, and what one of them covers."""

import pytest

from dms_stream.review.openings import ALL_PORTS, Opening, overlap

WEB: Opening = ("10.0.0.0/16", "tcp", 80, 443)


@pytest.mark.parametrize(
    ("other", "both"),
    [
        (WEB, True),
        (("10.0.1.0/24", "tcp", 80, 80), True),
        (("10.0.0.0/8", "tcp", 443, 500), True),
        (("10.1.0.0/16", "tcp", 80, 443), False),
        (("10.0.0.0/16", "tcp", 444, 500), False),
        (("10.0.0.0/16", "tcp", 0, 79), False),
        (("10.0.0.0/16", "udp", 80, 443), False),
        # a protocol may be named by its number
        (("10.0.0.0/16", "6", 80, 443), True),
        (("10.0.0.0/16", "17", 80, 443), False),
        (("10.0.0.0/16", "-1", *ALL_PORTS), True),
        (("10.0.0.0/16", "all", *ALL_PORTS), True),
    ],
)
def test_something_may_pass_by_both(other: Opening, both: bool) -> None:
    assert overlap(WEB, other) is both
    assert overlap(other, WEB) is both
