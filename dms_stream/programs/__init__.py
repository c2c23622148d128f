"""How this project starts other programs: in one way, which a Ctrl-C leaves in order."""

from dms_stream.programs.foreground import Ended, Stopped, orderly_stops, run

__all__ = ["Ended", "Stopped", "orderly_stops", "run"]
