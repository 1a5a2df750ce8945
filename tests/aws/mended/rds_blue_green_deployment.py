"""RDS: a blue/green deployment - what it is made of, and how it is shown."""

import secrets
import string

from moto.rds.models import BlueGreenDeployment, DBCluster, RDSBaseModel

from mended.rds_blue_green_copy import is_there

# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_SwitchoverDetail.html
OF_MEMBERS = ("PROVISIONING", "AVAILABLE", "SWITCHOVER_IN_PROGRESS", "SWITCHOVER_COMPLETED", "SWITCHOVER_FAILED")
OVER = ("SWITCHOVER_COMPLETED", "DELETING")


class Deployment(BlueGreenDeployment):
    """A blue/green deployment: moto's filters, and pairs of blue and green resources."""

    resource_type = "deployment"

    def __init__(self, backend, name, tags):
        RDSBaseModel.__init__(self, backend)
        letters = (secrets.choice(string.ascii_lowercase + string.digits) for _ in range(16))
        self.blue_green_deployment_identifier = "bgd-" + "".join(letters)
        self.blue_green_deployment_name = name
        self.tags, self.delete_time, self.failure = tags, None, None
        self.status, self.status_details, self.pairs, self.tasks = "PROVISIONING", None, [], []

    status = property(lambda deployment: deployment._status, lambda deployment, status: deployment._enter(status))
    source = property(lambda deployment: deployment.pairs[0][0].arn)
    target = property(lambda deployment: deployment.pairs[0][1].arn)

    def _enter(self, status):
        # While it is deleted, or is invalid, its members show what they came to before.
        self._status = status
        self._members_status = status if status in OF_MEMBERS else self._members_status

    def has(self, resource):
        """Whether an instance or a cluster is part of it."""
        return any(resource in pair for pair in self.pairs)

    def there(self):
        """The pairs of which both are there."""
        return [pair for pair in self.pairs if all(is_there(self.backend, resource) for resource in pair)]


def show(deployment):
    """What is shown of a deployment."""
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_BlueGreenDeployment.html
    return {
        "BlueGreenDeploymentIdentifier": deployment.blue_green_deployment_identifier,
        "BlueGreenDeploymentName": deployment.blue_green_deployment_name,
        "Source": deployment.source,
        "Target": deployment.target,
        "SwitchoverDetails": [_detail(deployment, *pair) for pair in deployment.pairs],
        "Tasks": [{"Name": name, "Status": status} for name, status in _tasks(deployment)],
        "Status": deployment.status,
        "StatusDetails": deployment.status_details,
        "CreateTime": deployment.created,
        "DeleteTime": deployment.delete_time,
        "TagList": deployment.tags,
    }


def _detail(deployment, blue, green):
    status = deployment._members_status
    for resource, missing in ((green, "MISSING_TARGET"), (blue, "MISSING_SOURCE")):
        status = status if is_there(deployment.backend, resource) else missing
    return {"SourceMember": blue.arn, "TargetMember": green.arn, "Status": status}


def _tasks(deployment):
    if deployment._members_status != "PROVISIONING":
        return [(name, "COMPLETED") for name in deployment.tasks]
    first = "IN_PROGRESS" if deployment.status == "PROVISIONING" else "FAILED"
    return [(name, "PENDING" if number else first) for number, name in enumerate(deployment.tasks)]


def shown_at_first(deployment):
    """What is shown of a deployment that begins to be made."""
    # The example of https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateBlueGreenDeployment.html.
    answer = show(deployment)
    answer |= {"Target": None, "SwitchoverDetails": [{"SourceMember": blue.arn} for blue, _ in deployment.pairs]}
    answer["Tasks"] = [{"Name": name, "Status": "PENDING"} for name in deployment.tasks]
    return answer


def tasks(blue, pairs, params):
    """What is to be done to make these pairs."""
    # The examples of https://docs.aws.amazon.com/cli/latest/reference/rds/describe-blue-green-deployments.html.
    upgrade = ["DB_ENGINE_VERSION_UPGRADE"] if params.get("TargetEngineVersion") else []
    if isinstance(blue, DBCluster):
        return ["CREATING_READ_REPLICA_OF_SOURCE", *upgrade, "CREATE_DB_INSTANCES_FOR_CLUSTER"]
    topology = ["CREATING_TOPOLOGY_OF_SOURCE"] if len(pairs) > 1 else []
    return ["CREATING_READ_REPLICA_OF_SOURCE", *upgrade, "CONFIGURE_BACKUPS", *topology]
