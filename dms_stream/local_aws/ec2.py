"""EC2: security group rules whose other end is a group or a prefix list."""

from inspect import signature
from typing import Any

from moto.ec2.exceptions import InvalidSecurityGroupRuleIdNotFoundError
from moto.ec2.models.security_groups import SecurityGroupBackend, SecurityGroupRule

from dms_stream.local_aws.repairs import Method, Repairs

repairs = Repairs()


@repairs.around(SecurityGroupRule, "__init__")
def _init(original: Method, self: Any, *args: Any, **kwargs: Any) -> None:
    # moto keeps the description with the address range, and loses it where there is none
    given = signature(original).bind(self, *args, **kwargs).arguments
    ends = [given.get(end) or {} for end in ("ip_range", "source_group", "prefix_list_id")]
    self.given_description = next((e["Description"] for e in ends if "Description" in e), None)
    original(self, *args, **kwargs)
    # moto treats rules with different descriptions as different rules
    self.source_group.pop("Description", None)


@repairs.shows(SecurityGroupRule, "description")
def _description(self: Any, _shown: str | None) -> str | None:
    given: str | None = self.given_description
    return given


@repairs.around(SecurityGroupBackend, "modify_security_group_rules")
def _modify_security_group_rules(
    original: Method,  # noqa: ARG001
    self: Any,
    group_id: str,
    rules: dict[str, dict[str, Any]],
) -> None:
    # moto changes nothing but the ports and the IPv4 range, and refuses "all protocols"
    group = self.get_security_group_by_name_or_id(group_id)
    for rule_id, new in rules.items():
        rule = group.get_rule(rule_id)
        if rule is None:
            raise InvalidSecurityGroupRuleIdNotFoundError(rule_id)
        rule.ip_protocol = new["IpProtocol"]
        all_ports = rule.ip_protocol == "-1"
        rule.from_port = None if all_ports else new.get("FromPort")
        rule.to_port = None if all_ports else new.get("ToPort")
        ranges = {"CidrIp": new.get("CidrIpv4"), "CidrIpv6": new.get("CidrIpv6")}
        rule.ip_range = {key: value for key, value in ranges.items() if value}
        rule.prefix_list_id = new.get("PrefixListId")
        if other := new.get("ReferencedGroupId"):
            rule.source_group = {"OwnerId": self.account_id, "GroupId": other}
        rule.given_description = new.get("Description")
