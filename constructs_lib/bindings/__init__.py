"""The one place that imports CDKTF and the AWS provider's bindings, or where those are not
installed their continuation: cdktn and its bindings, the same API under other names.

    from constructs_lib.bindings import aws, cdktf
    aws.kinesis_stream.KinesisStream(scope, "stream", name="tickets")

The provider's bindings load 2,135 Python modules and as many in jsii's Node process, whatever an
app uses. Here both load on first use: the same output, sooner. Where upstream no longer looks as
expected, or with DMS_STREAM_EAGER_BINDINGS=1, all load as usual. docs/decisions/lazy-bindings.md
"""

import importlib
import os
import re
import sys
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

from constructs_lib.bindings import kernel
from constructs_lib.bindings.memoised_checks import CheckOnceLoader


def _installed(*packages: str) -> str:
    return next(filter(find_spec, packages), packages[0])


_CDKTF = _installed("cdktf", "cdktn")
_PROVIDER = _installed("cdktf_cdktf_provider_aws", "cdktn_provider_aws")
_SUBMODULE_IMPORTS = re.compile(r"(?:^from \. import \w+\n)+\Z", re.MULTILINE)


class _LazyPackageLoader(SourceFileLoader):
    """Runs a package's `__init__` without its closing imports of every submodule."""

    def exec_module(self, module: ModuleType) -> None:
        name, source = module.__name__, self.get_source(module.__name__) or ""
        imports = _SUBMODULE_IMPORTS.search(source)
        jsii_types = importlib.import_module("jsii._reference_map")
        known = "\nfrom ._jsii import *\n" in source and hasattr(jsii_types, "_submodule_fqn_map")
        if imports is None or not known:
            return super().exec_module(module)
        exec(compile(source[: imports.start()], self.path, "exec", dont_inherit=True), vars(module))
        submodules = frozenset(imports[0].split()[3::4])

        def load(attribute: str) -> ModuleType:
            if attribute in submodules:
                return importlib.import_module(f"{name}.{attribute}")
            raise AttributeError(f"module {name!r} has no attribute {attribute!r}")

        public = vars(sys.modules[name])  # publication.publish() has swapped the module
        names = sorted({*public, *submodules})
        public.update(__getattr__=load, __dir__=lambda: names)
        for submodule in submodules:  # what jsii imports for a type that Node returns
            camel_case = re.sub("_(.)", lambda match: match[1].upper(), submodule)
            type_prefix = f"{module.__jsii_assembly__.name}.{camel_case}"
            jsii_types._submodule_fqn_map[type_prefix] = f"{name}.{submodule}"
        return None


class _Finder(PathFinder):
    @classmethod
    def find_spec(cls, fullname: str, *args: Any, **kwargs: Any) -> ModuleSpec | None:
        if fullname.partition(".")[0] not in ("constructs", _CDKTF, _PROVIDER):
            return None
        spec = super().find_spec(fullname, *args, **kwargs)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            loader = _LazyPackageLoader if fullname == _PROVIDER else CheckOnceLoader
            spec.loader = loader(fullname, spec.loader.path)
        return spec


_lazy = os.environ.get("DMS_STREAM_EAGER_BINDINGS") != "1"
if _lazy:
    sys.meta_path.insert(0, _Finder)
kernel.start(lazy=_lazy)

if TYPE_CHECKING:
    import cdktf
    import cdktf_cdktf_provider_aws as aws
else:
    cdktf, aws = map(importlib.import_module, (_CDKTF, _PROVIDER))
import constructs  # noqa: E402
from constructs import IConstruct, IDependable  # noqa: E402

__all__ = ["IConstruct", "IDependable", "aws", "cdktf", "constructs"]
