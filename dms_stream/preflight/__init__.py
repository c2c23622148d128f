"""Preflight: what only the account can tell, asked read-only before anything is made."""
