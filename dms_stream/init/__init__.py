"""`dms-stream init`: a project of the user's own, made of the repository's app."""

from dms_stream.init.new_project import InitError, init_project

__all__ = ["InitError", "init_project"]
