"""Auto Scaling: what a group launches - from which template, into which zone, of which type, bought how.

Still wrong: weights and instance requirements are ignored; there is always capacity.
"""

import math

from moto.core.exceptions import ServiceException
from moto.ec2.utils import convert_tag_spec
from moto.iam.models import iam_backends

from mended.ec2_launch import resolve_image, with_root_volume


def specification(group):
    """The launch template (id and version number) the next instance is launched from."""
    desired = _desired(group)
    wanted = template_of(desired) if desired else group._mended_launch_from
    ec2 = group.ec2_backend
    name = wanted.get("LaunchTemplateName")
    template_id = wanted.get("LaunchTemplateId") or ec2.launch_template_name_to_ids.get(name)
    template = ec2.get_launch_template(template_id)
    return template, template.get_version(wanted.get("Version") or "$Default")


def template_of(desired):
    """The template specification of a desired configuration."""
    mixed = desired.get("MixedInstancesPolicy")
    return mixed["LaunchTemplate"]["LaunchTemplateSpecification"] if mixed else desired["LaunchTemplate"]


def _desired(group):
    refresh = getattr(group, "_mended_refresh", None)
    return refresh and refresh.launches()


def run(group, template, version, beside):
    """Launch an instance as a template's version says, beside those there are."""
    data = version.data
    check_template(group, data)
    kind, market = _kind(group, data, beside)
    tags = convert_tag_spec(data.get("TagSpecifications", []))
    own = group.get_propagated_tags() | {"aws:autoscaling:groupName": group.name}
    backend, image = group.ec2_backend, group.ec2_backend.amis[resolve_image(group.ec2_backend, data["ImageId"])]
    parameters = {
        "instance_type": kind,
        "is_instance_type_default": False,
        "region_name": group.region,
        "key_name": data.get("KeyName"),
        "launch_template": {"LaunchTemplateId": template.id, "Version": str(version.number)},
        "tags": {"instance": own, "volume": tags.get("volume", {})},
        "associate_public_ip": None,
        "block_device_mappings": with_root_volume(image, data.get("BlockDeviceMappings", [])),
        "ebs_optimized": data.get("EbsOptimized", False),
        "metadata_options": data.get("MetadataOptions", {}),
        "monitoring_state": "enabled" if data.get("Monitoring", {}).get("Enabled") else "disabled",
        "nics": [{"DeviceIndex": 0, **nic} for nic in data.get("NetworkInterfaces", [])],
        "instance_market_options": {"MarketType": "spot"} if market == "spot" else None,
        **_place(group, beside),
    }
    (instance,) = backend.run_instances(image.id, 1, version.user_data, [], **parameters).instances
    profile = data.get("IamInstanceProfile")
    if profile:
        named = {f"iam_instance_profile_{key.lower()}": value for key, value in profile.items()}
        backend.associate_iam_instance_profile(instance_id=instance.id, **named)
    for interface in instance.nics.values():
        interface.add_tags(tags.get("network-interface", {}))
    return instance


def _place(group, beside):
    # https://docs.aws.amazon.com/autoscaling/ec2/userguide/auto-scaling-benefits.html#arch-AutoScalingMultiAZ: the zone
    # with the fewest instances is next.
    count = {zone: sum(s.availability_zone == zone for s in beside) for zone in group.availability_zones}
    subnet_ids = (group.vpc_zone_identifier or "").replace(" ", "").split(",") if group.vpc_zone_identifier else []
    if not subnet_ids:
        return {"placement": min(group.availability_zones, key=count.get)}
    subnets = [group.ec2_backend.get_subnet(subnet_id) for subnet_id in subnet_ids]
    return {"subnet_id": min(subnets, key=lambda subnet: count.get(subnet.availability_zone, 0)).id}


def _kind(group, data, beside):
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstancesDistribution.html
    desired = _desired(group)
    policy = desired.get("MixedInstancesPolicy") if desired else group.mixed_instances_policy
    if not policy:
        return data.get("InstanceType"), "on-demand"
    overrides = [o["InstanceType"] for o in policy["LaunchTemplate"].get("Overrides") or [] if o.get("InstanceType")]
    distribution = policy.get("InstancesDistribution", {})
    base = distribution.get("OnDemandBaseCapacity") or 0
    percent = distribution.get("OnDemandPercentageAboveBaseCapacity", 100)
    above = max(0, (group.desired_capacity or 0) - base)
    wanted = base + math.ceil(above * percent / 100)
    on_demand = [state for state in beside if state.instance.lifecycle != "spot"]
    kinds = overrides or [data.get("InstanceType")]
    if len(on_demand) < wanted:
        return kinds[0], "on-demand"
    return min(kinds, key=lambda kind: sum(s.instance_type == kind for s in beside)), "spot"


def check_template(group, data):
    """Refuse a template that cannot launch: an unknown group, key, image or instance profile."""
    ec2 = group.ec2_backend
    profile = data.get("IamInstanceProfile", {})
    profiles = iam_backends[group.account_id][group.autoscaling_backend.partition].instance_profiles.values()
    groups = [
        *data.get("SecurityGroupIds", []),
        *(g for n in data.get("NetworkInterfaces", []) for g in n.get("Groups", [])),
    ]
    problems = [f"The security group '{g}' does not exist" for g in groups if ec2.get_security_group_from_id(g) is None]
    if data.get("KeyName") and data["KeyName"] not in ec2.key_pairs:
        problems.append(f"The key pair '{data['KeyName']}' does not exist")
    image = ec2.amis.get(resolve_image(ec2, data.get("ImageId", "")))
    if image is None or image.state != "available":
        problems.append(f"The image id '[{data.get('ImageId')}]' does not exist")
    if profile and not any(p.name == profile.get("Name") or p.arn == profile.get("Arn") for p in profiles):
        problems.append(f"Invalid IAM Instance Profile name ({profile.get('Name') or profile.get('Arn')})")
    if problems:
        raise ServiceException("ValidationError", f"You must use a valid fully-formed launch template. {problems[0]}")
