"""What users' manifests take as given, planted in us-east-1 at the start and after each reset.

The images themselves are in `images.json`, which moto loads in place of its own thousand.
"""

import copy

from moto.acm.models import CertBundle, acm_backends
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ec2.models import ec2_backends
from moto.sns.models import sns_backends
from moto.ssm.models import Parameter, ssm_backends

REGION = "us-east-1"
KEY_PAIR = "ops"
PUBLIC_KEY = b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBUCkjUIsVqHfMCKtJLvQB2cmF1fIijvsB7aZ7XqnX5l ops"
CERTIFICATE = f"arn:aws:acm:{REGION}:{DEFAULT_ACCOUNT_ID}:certificate/11111111-2222-3333-4444-555555555555"
TOPIC = "on-call"

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
    # moto's own public parameters name images that are not in images.json.
    parameters = ssm_backends[DEFAULT_ACCOUNT_ID][REGION]._parameters
    parameters.latest_amis_loaded = parameters.latest_ecs_amis_loaded = True
    for name, image in IMAGE_PARAMETERS.items():
        plant_parameter(name, image)
    ec2_backends[DEFAULT_ACCOUNT_ID][REGION].import_key_pair(KEY_PAIR, PUBLIC_KEY, {})
    sns_backends[DEFAULT_ACCOUNT_ID][REGION].create_topic(TOPIC)
    acm_backends[DEFAULT_ACCOUNT_ID][REGION]._certificates[CERTIFICATE] = _issued_certificate()


def _issued_certificate():
    # Generated once: a key takes a tenth of a second.
    if not _generated:
        certificate = CertBundle.generate_cert("example.com", DEFAULT_ACCOUNT_ID, REGION, ["*.example.com"])
        certificate.arn, certificate.status = CERTIFICATE, "ISSUED"
        _generated.append(certificate)
    certificate = copy.copy(_generated[0])
    certificate.tags, certificate.in_use_by = type(certificate.tags)(), []
    return certificate


_generated = []


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
