"""Running other programs: in the foreground, which a Ctrl-C leaves in order, and as children."""

from dms_stream.programs.foreground import Ended, Stopped, orderly_stops, run

__all__ = ["Ended", "Stopped", "orderly_stops", "run"]
