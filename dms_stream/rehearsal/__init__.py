"""The rehearsal: the deployed pipeline moves real rows on this machine."""
