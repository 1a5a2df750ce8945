"""The table of repairs. Importing it mends moto in this process."""

from mended import (
    acm,
    autoscaling_fleet,
    autoscaling_group,
    autoscaling_policy,
    autoscaling_refresh,
    ec2_address,
    ec2_endpoint,
    ec2_instance,
    ec2_launch_template,
    ec2_nat,
    ec2_request,
    ec2_route,
    ec2_security_group,
    ec2_vpc,
    efs,
    elb_listener,
    elb_load_balancer,
    iam,
    reset,
    route53,
    wafv2,
)

MODULES = (
    reset,
    ec2_request,
    ec2_vpc,
    ec2_security_group,
    ec2_address,
    ec2_nat,
    ec2_route,
    ec2_endpoint,
    ec2_instance,
    ec2_launch_template,
    elb_load_balancer,
    elb_listener,
    acm,
    route53,
    efs,
    wafv2,
    autoscaling_fleet,
    autoscaling_group,
    autoscaling_policy,
    autoscaling_refresh,
    iam,
)

# The paths under /mended/ that modules add: (method, pattern, function of the JSON body and the pattern's groups).
ROUTES = [route for module in MODULES for route in getattr(module, "ROUTES", [])]
