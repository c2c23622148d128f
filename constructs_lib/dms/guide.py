"""The pages of AWS that dated facts come from, and when each was last read.

A fact cites its page; the page holds the date. Whoever reads a page again changes the date here,
once, whatever number of facts the page backs.
"""

from dataclasses import dataclass
from datetime import date

_GUIDE = "https://docs.aws.amazon.com/dms/latest/userguide/"
_MAPPINGS = f"{_GUIDE}CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation."
_SETTINGS = f"{_GUIDE}CHAP_Tasks.CustomizingTasks.TaskSettings."
_FIRST_READING = date(2026, 11, 22)


@dataclass(frozen=True)
class Page:
    """A page of AWS's documentation; as text its address.

    Attributes:
        url: Its address.
        read: The day somebody last compared the facts with it.
    """

    url: str
    read: date

    def __str__(self) -> str:
        return self.url


def _page(url: str, read: date = _FIRST_READING) -> Page:
    return Page(url, read)


RELEASE_NOTES = _page(f"{_GUIDE}CHAP_ReleaseNotes.html", date(2026, 11, 26))
INSTANCE_TYPES = _page(f"{_GUIDE}CHAP_ReplicationInstance.Types.html", date(2026, 11, 26))
CONFUSED_DEPUTY = _page(f"{_GUIDE}cross-service-confused-deputy-prevention.html")
EVENTS = _page(f"{_GUIDE}CHAP_Events.html")
KINESIS_TARGET = _page(f"{_GUIDE}CHAP_Target.Kinesis.html")
CREATE_TASK = _page(
    "https://docs.aws.amazon.com/dms/latest/APIReference/API_CreateReplicationTask.html"
)

COMPUTE_CONFIG = _page(
    "https://docs.aws.amazon.com/dms/latest/APIReference/API_ComputeConfig.html",
    date(2026, 11, 26),
)

_AURORA = "https://docs.aws.amazon.com/AmazonRDS/latest/"
AURORA_RELEASE_CALENDAR = _page(
    f"{_AURORA}AuroraMySQLReleaseNotes/AuroraMySQL.release-calendars.html", date(2026, 11, 26)
)
AURORA_INSTANCE_CLASSES = _page(
    f"{_AURORA}AuroraUserGuide/Concepts.DBInstanceClass.SupportAurora.html", date(2026, 11, 26)
)
AURORA_SERVERLESS_CAPACITY = _page(
    f"{_AURORA}AuroraUserGuide/aurora-serverless-v2.how-it-works.html", date(2026, 11, 26)
)

SELECTIONS = _page(f"{_MAPPINGS}Selections.html")
TRANSFORMATIONS = _page(f"{_MAPPINGS}Transformations.html")
MASKING = _page(f"{_MAPPINGS}Masking.html")
TABLE_SETTINGS = _page(f"{_MAPPINGS}Tablesettings.html")
FILTERS = _page(f"{_GUIDE}CHAP_Tasks.CustomizingTasks.Filters.html")

TASK_SETTINGS = _page(f"{_GUIDE}CHAP_Tasks.CustomizingTasks.TaskSettings.html")
TARGET_METADATA = _page(f"{_SETTINGS}TargetMetadata.html")
FULL_LOAD = _page(f"{_SETTINGS}FullLoad.html", date(2026, 11, 26))
CHANGE_PROCESSING_TUNING = _page(f"{_SETTINGS}ChangeProcessingTuning.html")
STREAM_BUFFER = _page(f"{_SETTINGS}StreamBuffer.html")
ERROR_HANDLING = _page(f"{_SETTINGS}ErrorHandling.html")
BEFORE_IMAGE = _page(f"{_SETTINGS}BeforeImage.html")
LOGGING = _page(f"{_SETTINGS}Logging.html")
CONTROL_TABLES = _page(f"{_SETTINGS}ControlTable.html")
DATA_VALIDATION = _page(f"{_SETTINGS}DataValidation.html")
VALIDATING = _page(f"{_GUIDE}CHAP_Validating.html")
DATA_RESYNC = _page(f"{_SETTINGS}DataResyncSettings.html")
TIME_TRAVEL = _page(f"{_SETTINGS}TimeTravel.html")
CHARACTER_SUBSTITUTION = _page(f"{_SETTINGS}CharacterSubstitution.html")
DDL_HANDLING = _page(f"{_SETTINGS}DDLHandling.html")
