"""SNS: what AWS services publish to topics."""

import logging

from moto.sns.models import sns_backends

_log = logging.getLogger(__name__)

_MOST_SUBJECT = 99


def publish(topic: str, message: str, *, subject: str | None = None) -> bool:
    """Publish a message as an AWS service does: whom it does not reach, it leaves.

    Args:
        topic: ARN of the topic.
        message: What it is told.
        subject: Its subject; cut where it is too long.

    Returns:
        Whether all subscribers were told.
    """
    parts = topic.split(":")
    if parts[2:3] != ["sns"]:
        return False
    sns = sns_backends[parts[4]][parts[3]]
    if topic not in sns.topics:
        return False
    try:
        sns.publish(message, topic, subject=subject and subject[:_MOST_SUBJECT])
    except Exception as error:  # a queue that is gone, an address that does not answer
        _log.warning("the topic %s could not tell all its subscribers: %s", topic, error)
        return False
    return True
