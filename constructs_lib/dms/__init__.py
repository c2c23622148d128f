"""What DMS itself knows, once: read by constructs, review, rehearsal and the embedded AWS alike."""
