"""How serious a finding is."""

from enum import IntEnum
from typing import Self


class Severity(IntEnum):
    """How serious a finding is, in order; `--fail-on` names the least that fails a review.

    What cannot be undone comes before what can: opened access can be closed again, a stopped
    capture can be started and reloaded from the source, deleted data stays deleted.
    """

    NOISE = 0
    """A difference that means nothing."""

    NOTICE = 1
    """Worth knowing, and nothing stops or is lost."""

    UNKNOWN = 2
    """The plan cannot tell, so somebody has to look."""

    INTERRUPTION = 3
    """Capture or delivery stops, leaves a gap, repeats itself, or breaks its readers."""

    EXPOSURE = 4
    """Somebody may read, or do, more than before."""

    DATA_LOSS = 5
    """Data that exists is deleted, or what keeps it from being deleted is taken away."""

    @property
    def word(self) -> str:
        """The severity as `--fail-on` and the reports write it, such as `data-loss`."""
        return self.name.lower().replace("_", "-")

    @classmethod
    def from_word(cls, word: str) -> Self:
        """The severity of a word.

        Raises:
            KeyError: there is no such word.
        """
        return cls[word.upper().replace("-", "_")]

    @property
    def meaning(self) -> str:
        """What it says, as one sentence."""
        return _MEANINGS[self]


_MEANINGS = {
    Severity.DATA_LOSS: (
        "data that exists is deleted, or what keeps it from being deleted is taken away"
    ),
    Severity.EXPOSURE: "somebody may read, or do, more than before",
    Severity.INTERRUPTION: (
        "capture or delivery stops, leaves a gap, repeats itself, or breaks its readers"
    ),
    Severity.UNKNOWN: "the plan cannot tell, so somebody has to look",
    Severity.NOTICE: "worth knowing; nothing stops and nothing is lost",
    Severity.NOISE: "a difference that means nothing",
}
