"""How the packages are built and installed."""
