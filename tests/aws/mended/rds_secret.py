"""RDS and Secrets Manager: the master user's secret, which RDS makes, rotates and removes.

Still wrong: a rotation's schedule is shown and never due.
"""

import json
import secrets
import time

from moto.rds.models import MasterUserSecret
from moto.rds.responses import RDSResponse
from moto.secretsmanager.exceptions import InvalidParameterException, InvalidRequestException
from moto.secretsmanager.models import FakeSecret, SecretsManagerBackend
from moto.secretsmanager.responses import SecretsManagerResponse

from mended import clock
from mended.patch import replaces
from mended.rds_state import combination, invalid, key_arn

DAY = 86400


@replaces(MasterUserSecret, "__init__")
def a_managed_secret_is_rotated_every_seven_days(original, managed, resource, kms_key_id):
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
    if kms_key_id:
        key_arn(resource.backend.kms, kms_key_id)
    original(resource, kms_key_id)
    secret = managed.secret
    secret._mended_managed = managed
    secret.rotation_requested = secret.rotation_enabled = True
    _schedule(secret, {"AutomaticallyAfterDays": 7})
    _busy(managed, "creating")


def _schedule(secret, rules):
    secret._mended_rules = dict(rules)
    secret.next_rotation_date = int(time.time()) + int(rules.get("AutomaticallyAfterDays", 1)) * DAY


def _busy(managed, status):
    managed._status = status
    clock.later(clock.durations.pending, lambda: setattr(managed, "_status", "active"))


# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_MasterUserSecret.html: creating, active, rotating.
# moto's becomes active by being described.
MasterUserSecret.secret_status = property(lambda managed: managed._status)


@replaces(MasterUserSecret, "_generate_secret_string")
def a_managed_secret_holds_the_master_user(_original, secret):
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
    return json.dumps({"username": secret.resource.master_username, "password": secrets.token_urlsafe(21)})


@replaces(FakeSecret, "to_dict")
def a_managed_secret_shows_its_rules_and_no_function(original, secret):
    # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html
    shown = original()
    if hasattr(secret, "_mended_managed"):
        shown.pop("RotationLambdaARN", None)
        shown["RotationRules"] = secret._mended_rules
    return shown


@replaces(SecretsManagerBackend, "rotate_secret")
def a_managed_secret_needs_no_function_to_rotate(
    original, backend, secret_id, token=None, function=None, rules=None, rotate_immediately=True, **named
):
    # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
    token = named.get("client_request_token", token)
    function, rules = named.get("rotation_lambda_arn", function), named.get("rotation_rules", rules)
    secret = backend.secrets.get(secret_id)
    if not hasattr(secret, "_mended_managed"):
        return original(secret_id, token, function, rules, rotate_immediately)
    if function:
        raise InvalidRequestException("You can't give a managed secret a rotation function.")
    if rules:
        _check_rules(rules)
        _schedule(secret, rules)
    if rotate_immediately:
        _rotate(secret, token or backend._from_client_request_token(None))
    return secret.to_short_dict()


def _check_rules(rules):
    # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotationRulesType.html
    days = rules.get("AutomaticallyAfterDays")
    if days is not None and "ScheduleExpression" in rules:
        raise InvalidParameterException("Specify either AutomaticallyAfterDays or ScheduleExpression, not both.")
    if days is not None and not 1 <= days <= 1000:
        raise InvalidParameterException("RotationRules.AutomaticallyAfterDays must be within 1-1000.")


def _rotate(secret, version_id):
    value = secret._mended_managed._generate_secret_string()
    version = {"createdate": int(time.time()), "version_id": version_id, "version_stages": ["AWSCURRENT"]}
    secret.reset_default_version(version | {"secret_string": value}, version_id)
    secret.versions = {key: version for key, version in secret.versions.items() if version["version_stages"]}
    secret.last_rotation_date = secret.last_changed_date = int(time.time())
    _busy(secret._mended_managed, "rotating")


@replaces(SecretsManagerResponse, "delete_secret", "put_secret_value", "update_secret")
def a_managed_secret_is_left_to_its_service(original, response):
    # https://docs.aws.amazon.com/secretsmanager/latest/userguide/service-linked-secrets.html
    secret = response.backend.secrets.get(response._get_param("SecretId"))
    if hasattr(secret, "_mended_managed"):
        raise InvalidRequestException("You can't perform this operation on a secret that rds manages.")
    return original()


@replaces(RDSResponse, "create_db_instance", "create_db_cluster")
def a_master_user_has_one_password(original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html: MasterUserPassword
    params = response.params
    manages, password = params.get("ManageMasterUserPassword"), params.get("MasterUserPassword")
    member = response._get_action() == "CreateDBInstance" and params.get("DBClusterIdentifier")
    apart = params.get("GlobalClusterIdentifier") or params.get("ReplicationSourceIdentifier")
    if manages and password:
        raise combination("You can't specify MasterUserPassword for an instance with ManageMasterUserPassword enabled.")
    if not manages and not member and not apart:
        _check_password(password)
    return original()


def _check_password(password):
    if not password:
        raise invalid("The parameter MasterUserPassword must be provided and must not be blank.")
    if len(password) < 8:
        raise invalid("The parameter MasterUserPassword is not a valid password: it is shorter than 8 characters.")


def check_change(resource, params):
    """Refuse what does not go together with a managed password; forget what changes nothing."""
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html: ManageMasterUserPassword
    wanted, password = params.get("ManageMasterUserPassword"), params.get("MasterUserPassword")
    manages = bool(resource.manage_master_user_password)
    if password and (wanted or (manages and wanted is None)):
        raise combination("You can't specify MasterUserPassword for an instance with ManageMasterUserPassword enabled.")
    if wanted is False and manages and not password:
        raise combination("You must specify MasterUserPassword when you turn off ManageMasterUserPassword.")
    if params.get("MasterUserSecretKmsKeyId") and (manages or not wanted):
        raise combination("MasterUserSecretKmsKeyId is specified only when ManageMasterUserPassword is turned on.")
    if params.get("RotateMasterUserPassword") and not manages:
        raise combination("You can't rotate the master user password of an instance that doesn't manage it.")
    if params.get("RotateMasterUserPassword") and not params.get("ApplyImmediately"):
        raise combination("You must specify apply immediately when rotating the master user password.")
    if password:
        _check_password(password)
    if wanted == manages:
        params.pop("ManageMasterUserPassword", None)
