"""The data plane of the embedded AWS: started tasks read, and delivery streams deliver.

`start` starts an embedded AWS with one, in a process of its own; `plane` says how its children are
run, and where everything that they do is known.
"""

from dms_stream.data_plane.options import DataPlaneOptions
from dms_stream.data_plane.starting import start

__all__ = ["DataPlaneOptions", "start"]
