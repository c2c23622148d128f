"""The complete settings of a task, of which a client sends only a part.

https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.html
"""

import json

from constructs_lib.dms.task_settings.defaults import TASK_SETTINGS


def complete(settings: str) -> str:
    """The settings as DMS returns them: those given, and defaults for the rest."""
    given = json.loads(settings)
    known = {
        key: default | (given.get(key) or {})
        if isinstance(default, dict)
        else given.get(key, default)
        for key, default in TASK_SETTINGS.items()
    }
    return json.dumps(known | {key: value for key, value in given.items() if key not in known})
