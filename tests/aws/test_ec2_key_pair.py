"""EC2: key pairs."""

import pytest

from conftest import refused, tagged

PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBUCkjUIsVqHfMCKtJLvQB2cmF1fIijvsB7aZ7XqnX5l shop-admin"


def imported(aws, name="shop", key=PUBLIC_KEY, **changes):
    return aws.ec2.import_key_pair(KeyName=name, PublicKeyMaterial=key.encode(), **changes)


def test_an_imported_key_answers_with_its_id_and_tags(aws):
    made = imported(aws, TagSpecifications=tagged("key-pair", Name="shop"))
    assert made["KeyPairId"].startswith("key-")
    assert made["Tags"] == [{"Key": "Name", "Value": "shop"}]


def test_a_name_is_taken_once(aws):
    imported(aws)
    with refused("InvalidKeyPair.Duplicate"):
        imported(aws)


def test_a_key_must_be_one(aws):
    with refused("InvalidKeyPair.Format"):
        imported(aws, key="ssh-ed25519 nonsense")


def test_key_pairs_are_found_by_tag_with_wildcards(aws):
    made = imported(aws, TagSpecifications=tagged("key-pair", color="red"))["KeyPairId"]
    for value, expected in (("r*", [made]), ("blue", [])):
        found = aws.ec2.describe_key_pairs(Filters=[{"Name": "tag:color", "Values": [value]}])["KeyPairs"]
        assert [pair["KeyPairId"] for pair in found] == expected


def test_the_public_key_is_shown_when_asked_for_with_the_name_as_its_comment(aws):
    imported(aws)
    (pair,) = aws.ec2.describe_key_pairs(KeyNames=["shop"], IncludePublicKey=True)["KeyPairs"]
    assert pair["PublicKey"].split() == [*PUBLIC_KEY.split()[:2], "shop"]
    (pair,) = aws.ec2.describe_key_pairs(KeyNames=["shop"])["KeyPairs"]
    assert "PublicKey" not in pair


def test_a_key_pair_is_asked_for_by_id(aws):
    made = imported(aws)["KeyPairId"]
    (pair,) = aws.ec2.describe_key_pairs(KeyPairIds=[made])["KeyPairs"]
    assert pair["KeyName"] == "shop"


@pytest.mark.parametrize("wanted", [{"KeyNames": ["nobody"]}, {"KeyPairIds": ["key-0123456789abcdef0"]}])
def test_an_unknown_key_pair_is_an_error(aws, wanted):
    with refused("InvalidKeyPair.NotFound"):
        aws.ec2.describe_key_pairs(**wanted)


@pytest.mark.parametrize("by", ["KeyName", "KeyPairId"])
def test_a_key_pair_is_deleted_by_name_or_id(aws, by):
    made = {"KeyName": "shop", "KeyPairId": imported(aws)["KeyPairId"]}
    assert aws.ec2.delete_key_pair(**{by: made[by]})["KeyPairId"] == made["KeyPairId"]
    assert [pair["KeyName"] for pair in aws.ec2.describe_key_pairs()["KeyPairs"]] == ["ops"]


def test_an_unknown_key_pair_is_deleted_in_peace(aws):
    aws.ec2.delete_key_pair(KeyName="nobody")
