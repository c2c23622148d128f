"""The tools around the constructs: settings, command line, review, rehearsal, embedded AWS."""

__version__ = "0.1.0"
