"""How far a delivery has got, kept on disk: what was put into the bucket is not read again."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from dms_stream.rehearsal.delivery.errors import DeliveryError
from dms_stream.whole_file import write_whole

PositionKind = Literal["AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER", "SHARD_END"]


@dataclass(frozen=True)
class Position:
    """Where to resume in a shard.

    Attributes:
        kind: At a record that is not delivered yet, after the last one, or nowhere: the shard was
            closed and is delivered whole.
        sequence_number: Of that record.
    """

    kind: PositionKind
    sequence_number: str


@dataclass(frozen=True)
class Checkpoint:
    """How far a delivery has got.

    Attributes:
        identity: The delivery stream and its Kinesis stream, with their times of creation: one
            that was deployed anew has new records under the same name.
        shards: Where to resume, by shard.
    """

    identity: str
    shards: dict[str, Position] = field(default_factory=dict)


def load(path: Path, identity: str) -> Checkpoint:
    """The checkpoint of this delivery stream; an empty one where there is none.

    Raises:
        DeliveryError: the file cannot be read as a checkpoint.
    """
    try:
        document = json.loads(path.read_text())
        shards = {shard: Position(**position) for shard, position in document["shards"].items()}
        checkpoint = Checkpoint(document["identity"], shards)
    except FileNotFoundError:
        return Checkpoint(identity)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DeliveryError(
            f"{path} is not a delivery checkpoint ({error}): remove it to deliver everything on "
            "the stream again"
        ) from error
    return checkpoint if checkpoint.identity == identity else Checkpoint(identity)


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Save it, whole or not at all, even if the power fails."""
    write_whole(path, json.dumps(asdict(checkpoint)), survives_power_loss=True)
