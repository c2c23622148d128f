"""Chatbot, which moto does not have: channels of Slack, kept and never written to.

As AWS does, it takes one configuration of a channel in an account.
https://docs.aws.amazon.com/chatbot/latest/APIReference/Welcome.html
"""

import json
import os
import re
from collections.abc import Callable
from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import ServiceException
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_api._internal import urls
from moto.moto_api._internal.models import MotoAPIBackend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication

from dms_stream.local_aws.repairs import Method, Repairs

repairs = Repairs()

Fields = dict[str, Any]

_STATUSES = {
    "ConflictException": 409,
    "InvalidRequestException": 400,
    "ResourceNotFoundException": 404,
}
_SCOPE = re.compile(r"Credential=[^/]+/[^/]+/[^/]+/chatbot/")
_configurations: dict[str, Fields] = {}
_tags: dict[str, dict[str, str]] = {}


@repairs.around(DomainDispatcherApplication, "infer_service_region_host")
def _host(original: Method, self: Any, environ: dict[str, Any], path: str) -> Any:
    # moto looks for the service among its own
    is_ours = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    return "moto_api" if is_ours else original(self, environ, path)


@repairs.around(MotoAPIBackend, "reset")
def _reset(original: Method, self: MotoAPIBackend) -> None:
    original(self)
    _configurations.clear()
    _tags.clear()


@repairs.once
def _add_routes() -> None:
    for path, answer in {
        "create-slack-channel-configuration": _create,
        "update-slack-channel-configuration": _update,
        "describe-slack-channel-configurations": _describe,
        "delete-slack-channel-configuration": _delete,
        "list-tags-for-resource": _list_tags,
        "tag-resource": _tag,
        "untag-resource": _untag,
    }.items():
        urls.url_paths[f"{{0}}/{path}$"] = _handler(answer)


def _handler(answer: Callable[[Fields], Fields]) -> Callable[..., TYPE_RESPONSE]:
    def handle(request: Any, full_url: str, headers: Any) -> TYPE_RESPONSE:
        del headers, full_url
        body = request.get_data()
        told = {"Content-Type": "application/json"}
        try:
            return 200, told, json.dumps(answer(json.loads(body or b"{}")))
        except ServiceException as error:
            told["X-Amzn-ErrorType"] = error.code
            return _STATUSES[error.code], told, json.dumps({"message": error.message})

    return handle


def _create(given: Fields) -> Fields:
    name = given["ConfigurationName"]
    account = os.environ.get("MOTO_ACCOUNT_ID", DEFAULT_ACCOUNT_ID)
    arn = f"arn:aws:chatbot::{account}:chat-configuration/slack-channel/{name}"
    team, channel = given["SlackTeamId"], given["SlackChannelId"]
    if arn in _configurations:
        raise ServiceException("ConflictException", f"{name} exists already")
    for other in _configurations.values():
        if (other["SlackTeamId"], other["SlackChannelId"]) == (team, channel):
            raise ServiceException(
                "InvalidRequestException",
                f"Slack channel with ID {channel} in Slack team {team} has already been configured "
                f"for AWS account {account}.",
            )
    _tags[arn] = {tag["TagKey"]: tag["TagValue"] for tag in given.get("Tags") or []}
    _configurations[arn] = {
        "ChatConfigurationArn": arn,
        "SlackChannelName": channel.lower(),
        "SlackTeamName": team.lower(),
        "LoggingLevel": "NONE",
        "SnsTopicArns": [],
        "GuardrailPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"],
        "UserAuthorizationRequired": False,
        "State": "ENABLED",
        **{key: value for key, value in given.items() if key != "Tags"},
    }
    return {"ChannelConfiguration": _shown(arn)}


def _update(given: Fields) -> Fields:
    arn = given["ChatConfigurationArn"]
    _shown(arn)
    _configurations[arn] |= given
    return {"ChannelConfiguration": _shown(arn)}


def _describe(given: Fields) -> Fields:
    arn = given.get("ChatConfigurationArn")
    arns = [*_configurations] if arn is None else [arn] if arn in _configurations else []
    return {"SlackChannelConfigurations": [_shown(each) for each in arns]}


def _delete(given: Fields) -> Fields:
    arn = given["ChatConfigurationArn"]
    _shown(arn)
    del _configurations[arn]
    del _tags[arn]
    return {}


def _list_tags(given: Fields) -> Fields:
    _shown(given["ResourceARN"])
    return {"Tags": _listed(given["ResourceARN"])}


def _tag(given: Fields) -> Fields:
    _shown(given["ResourceARN"])
    _tags[given["ResourceARN"]] |= {tag["TagKey"]: tag["TagValue"] for tag in given["Tags"]}
    return {}


def _untag(given: Fields) -> Fields:
    _shown(given["ResourceARN"])
    for key in given["TagKeys"]:
        _tags[given["ResourceARN"]].pop(key, None)
    return {}


def _shown(arn: str) -> Fields:
    if arn not in _configurations:
        raise ServiceException("ResourceNotFoundException", f"{arn} does not exist")
    return {**_configurations[arn], "Tags": _listed(arn)}


def _listed(arn: str) -> list[dict[str, str]]:
    return [{"TagKey": key, "TagValue": value} for key, value in _tags[arn].items()]
