"""EC2: key pairs - asked for and deleted by id as well as by name.

Still wrong: fingerprints are moto's; a key is not refused for its type or length.
"""

from moto.core.responses import ActionResult
from moto.ec2.exceptions import InvalidKeyPairNameError
from moto.ec2.models.key_pairs import KeyPair
from moto.ec2.responses import EC2Response

from mended.patch import replaces


@replaces(EC2Response, "describe_key_pairs")
def key_pairs_are_asked_for_by_id(original, response):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeKeyPairs.html
    wanted = response._get_param("KeyPairIds", [])
    answer = original()
    if not wanted:
        return answer
    for unknown in set(wanted) - {pair.id for pair in response.ec2_backend.key_pairs.values()}:
        raise InvalidKeyPairNameError(unknown)
    return ActionResult({"KeyPairs": [pair for pair in answer.result["KeyPairs"] if pair.id in wanted]})


def _public_key(pair):
    # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/describe-keys.html#retrieving-the-public-key: the comment is
    # the key pair's name, whatever the imported material said.
    return " ".join([*pair.material_public.decode().split()[:2], pair.key_name])


KeyPair.public_key = property(_public_key)


@replaces(EC2Response, "delete_key_pair")
def a_key_pair_is_deleted_by_id(original, response):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteKeyPair.html
    wanted = response._get_param("KeyPairId")
    for pair in [pair for pair in response.ec2_backend.key_pairs.values() if pair.id == wanted]:
        response.params["KeyName"] = pair.key_name
    return original()
