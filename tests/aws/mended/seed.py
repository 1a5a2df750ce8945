"""What users' manifests take as given, planted in us-east-1 at the start and after each reset.

The images themselves are in `images.json`, which moto loads in place of its own thousand.
"""

from moto.core import DEFAULT_ACCOUNT_ID
from moto.ssm.models import Parameter, ssm_backends

REGION = "us-east-1"

_AMAZON_LINUX = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel"
_UBUNTU = "/aws/service/canonical/ubuntu/server/24.04/stable/current"
_ECS = "/aws/service/ecs/optimized-ami/amazon-linux-2023"

# Public parameters that name an image: https://docs.aws.amazon.com/systems-manager/latest/userguide/
# parameter-store-public-parameters-ami.html and, for Ubuntu, https://documentation.ubuntu.com/aws/
IMAGE_PARAMETERS = {
    f"{_AMAZON_LINUX}-default-x86_64": "ami-0a1202300000000a1",
    f"{_AMAZON_LINUX}-6.12-x86_64": "ami-0a1202300000000a1",
    f"{_AMAZON_LINUX}-default-arm64": "ami-0a1202300000000a2",
    f"{_AMAZON_LINUX}-6.12-arm64": "ami-0a1202300000000a2",
    f"{_UBUNTU}/amd64/hvm/ebs-gp3/ami-id": "ami-0b2404000000000b1",
    f"{_UBUNTU}/arm64/hvm/ebs-gp3/ami-id": "ami-0b2404000000000b2",
    f"{_ECS}/recommended/image_id": "ami-0ec520230000000c1",
    f"{_ECS}/arm64/recommended/image_id": "ami-0ec520230000000c2",
}


def plant():
    """Create everything that is taken as given."""
    for name, image in IMAGE_PARAMETERS.items():
        plant_parameter(name, image)


def plant_parameter(name, value):
    """Set a public parameter; no caller may (PutParameter refuses names under /aws)."""
    parameters = ssm_backends[DEFAULT_ACCOUNT_ID][REGION]._parameters
    parameters[name] = [
        Parameter(
            account_id=DEFAULT_ACCOUNT_ID,
            name=name,
            value=value,
            parameter_type="String",
            description=None,
            allowed_pattern=None,
            keyid=None,
            last_modified_date=1790726400.0,
            version=1,
            data_type="aws:ec2:image" if value.startswith("ami-") else "text",
        )
    ]
