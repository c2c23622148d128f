"""Running other programs: in the foreground, and as children beside this process."""
