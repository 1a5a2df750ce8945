"""The table of repairs. Importing it mends moto in this process."""

from mended import (
    ec2_address,
    ec2_endpoint,
    ec2_instance,
    ec2_nat,
    ec2_request,
    ec2_route,
    ec2_security_group,
    ec2_vpc,
    iam,
    reset,
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
    iam,
)

# The paths under /mended/ that modules add: (method, pattern, function of the JSON body and the pattern's groups).
ROUTES = [route for module in MODULES for route in getattr(module, "ROUTES", [])]
