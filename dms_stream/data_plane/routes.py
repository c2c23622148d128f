"""What no call of AWS tells or takes, at addresses of our own beside the API.

`dms_stream.local_aws.data_plane_client` is the other end.
"""

import json
from collections.abc import Callable, Mapping
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from moto.core.common_types import TYPE_RESPONSE
from moto.moto_api._internal import urls

from dms_stream.data_plane.plane import Plane
from dms_stream.local_aws import cloudwatch
from dms_stream.local_aws.data_plane import PATH
from dms_stream.rehearsal.source.database import DatabaseAddress

_Answer = Mapping[str, Any] | list[Any] | None


def add_routes(plane: Plane) -> None:
    """Let this process's server answer for a data plane."""
    routes = _Routes(plane)
    answers: dict[str, Callable[[dict[str, Any]], _Answer]] = {
        PATH: routes.status,
        f"{PATH}/task": routes.task,
        f"{PATH}/facts": routes.facts,
        f"{PATH}/delivery": routes.delivery,
        f"{PATH}/puts": routes.puts,
        f"{PATH}/source": routes.name_source,
        f"{PATH}/database": routes.start_database,
        f"{PATH}/drain": routes.drain,
    }
    for path, answer in answers.items():
        urls.url_paths[f"{{0}}{path}"] = _handler(answer)


def _handler(answer: Callable[[dict[str, Any]], _Answer]) -> Callable[..., TYPE_RESPONSE]:
    def handle(request: Any, full_url: str, headers: Any) -> TYPE_RESPONSE:
        del headers
        asked = {key: values[0] for key, values in parse_qs(urlsplit(full_url).query).items()}
        body = request.get_data()
        found = answer(asked | (json.loads(body) if body else {}))
        return 200, {"Content-Type": "application/json"}, json.dumps(found)

    return handle


class _Routes:
    """Answers are made with `moto_lock` held, as those of the API are."""

    def __init__(self, plane: Plane) -> None:
        self._plane = plane
        self._drains = 0

    def status(self, _: dict[str, Any]) -> _Answer:
        """All children and their counters."""
        plane = self._plane
        named = plane.options.database
        return {
            "tasks": [state.summary() for state in plane.tasks.values()],
            "deliveries": [state.summary() for state in plane.deliveries.values()],
            "database": {
                "folder": str(plane.database.folder),
                "address": str(named) if named else plane.database.address,
                "is_ours": named is None,
                "problem": plane.database.problem,
                "process_id": plane.database.process_id,
            },
            "alarms": cloudwatch.alarm_states(),
            "time_scale": plane.options.time_scale,
        }

    def task(self, asked: dict[str, Any]) -> _Answer:
        """A task that was started; nothing where it never was."""
        state = self._plane.tasks.get(asked["arn"])
        return state.summary() if state else None

    def facts(self, asked: dict[str, Any]) -> _Answer:
        """The same, with what a comparison needs to know of its records."""
        state = self._plane.tasks.get(asked["arn"])
        return {**state.summary(), "facts": state.facts} if state else None

    def delivery(self, asked: dict[str, Any]) -> _Answer:
        """A delivery; nothing where there is none."""
        states = self._plane.deliveries.values()
        return next((s.summary() for s in states if s.name == asked["name"]), None)

    def puts(self, asked: dict[str, Any]) -> _Answer:
        """The objects of a delivery after a number."""
        state = self._plane.deliveries.get(asked["arn"])
        return [put for put in (state.puts if state else ()) if put["number"] > int(asked["after"])]

    def name_source(self, asked: dict[str, Any]) -> _Answer:
        """Name what a task reads from its next start on."""
        database = asked["database"]
        self._plane.name_source(
            asked["arn"],
            DatabaseAddress(**database) if database else None,
            ends_in_newline=asked["ends_in_newline"],
        )
        return None

    def start_database(self, _: dict[str, Any]) -> _Answer:
        """Start the database of our own; the status tells when it answers."""
        Thread(target=self._plane.database.start, name="database", daemon=True).start()
        return None

    def drain(self, asked: dict[str, Any]) -> _Answer:
        """Let a delivery put all that is on its stream; the status tells when it has."""
        self._drains += 1
        self._plane.drain(asked["arn"], self._drains)
        return {"number": self._drains}
