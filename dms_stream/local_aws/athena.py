"""Athena: saved queries that can be deleted, and one that is not there."""

import json

from moto.athena.responses import AthenaResponse
from moto.core.exceptions import JsonRESTError

from dms_stream.local_aws.repairs import Method, Repairs

repairs = Repairs()


def _refuse_unknown(self: AthenaResponse) -> str:
    query_id = str(self._get_param("NamedQueryId"))
    if query_id not in self.athena_backend.named_queries:
        raise JsonRESTError("InvalidRequestException", f"NamedQuery {query_id} was not found")
    return query_id


@repairs.adds(AthenaResponse)
def delete_named_query(self: AthenaResponse) -> str:
    """The call, which moto lacks.

    https://docs.aws.amazon.com/athena/latest/APIReference/API_DeleteNamedQuery.html
    """
    del self.athena_backend.named_queries[_refuse_unknown(self)]
    return json.dumps({})


@repairs.around(AthenaResponse, "get_named_query")
def _get_named_query(original: Method, self: AthenaResponse) -> str:
    # moto breaks over one that is not there
    _refuse_unknown(self)
    return str(original(self))
