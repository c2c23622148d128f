"""The tools around the constructs: settings, command line, review, rehearsal, embedded AWS."""
