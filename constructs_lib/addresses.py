"""Resource addresses that a reviewer can read: `aws_kinesis_stream.tickets_stream`."""

import re
from typing import Any

from constructs_lib.bindings import cdktf
from constructs_lib.errors import ConstructError

_HASH = re.compile(r"_[0-9A-F]{8}$")


class ReadableAddressStack(cdktf.TerraformStack):
    """A Terraform stack whose addresses are the construct ids joined with `_`, without a hash.

    CDKTF appends a hash of the construct path to every address, so that two paths that render
    alike stay apart. Here they are refused instead: an address is a contract with whoever reads a
    plan. The id `Resource` is left out, as CDKTF does.

    Raises:
        RuntimeError: at synth, two resources of one type would share an address. (jsii carries an
            error raised in the midst of a synth by its message only.)
    """

    def __init__(self, scope: cdktf.App, id_: str) -> None:
        super().__init__(scope, id_)
        self._paths: dict[str, str] = {}
        if type(self)._allocate_logical_id is ReadableAddressStack._allocate_logical_id:
            # fleet_kernel.cjs applies the same rule in Node: a third of a large synth less
            self.node.set_context("dms-stream:readable-addresses", True)

    def _allocate_logical_id(self, tf_element: Any) -> str:
        hashed: str = super()._allocate_logical_id(tf_element)
        readable = _HASH.sub("", hashed).replace("-", "_")
        # CDKTF's hash stands for the path: the same address from another path is a collision
        key = f"{type(tf_element).__name__}.{readable}"
        if self._paths.setdefault(key, hashed) != hashed:
            raise ConstructError(
                tf_element.node.path,
                f"its address would be {readable}, which another {type(tf_element).__name__} of "
                "this stack has already: give one of the two constructs another id",
            )
        return readable
