"""RDS: slow states, errors, and where an instance or a cluster is found by its name."""

from moto.kms.exceptions import NotFoundException
from moto.rds.exceptions import KMSKeyNotAccessibleFault, RDSClientError
from moto.rds.models import rds_backends

from mended import clock

# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html: what is changed in these states.
CHANGEABLE = ("available", "storage-full", "storage-optimization", "incompatible-parameters")


def combination(message):
    """The error of parameters that do not go together."""
    return RDSClientError("InvalidParameterCombination", message)


def invalid(message):
    """The error of a parameter's value."""
    return RDSClientError("InvalidParameterValue", message)


def instance_state(message):
    """The error of an instance's state."""
    return RDSClientError("InvalidDBInstanceState", message)


def cluster_state(message):
    """The error of a cluster's state."""
    return RDSClientError("InvalidDBClusterStateFault", message)


_watchers = []


def when_settled(watcher):
    """Call `watcher` with the resource and the slow state that has ended; a decorator."""
    _watchers.append(watcher)
    return watcher


def settle(resource, status, then=None, final="available"):
    """Show `status` for as long as slow states last, then do `then` and be `final`, unless `then` begins another."""
    resource.status = status

    def finish():
        if resource.status == status:
            if then is not None:
                then()
            if resource.status == status:
                resource.status = final
            for watcher in _watchers:
                watcher(resource, status)

    clock.later(clock.durations.pending, finish)


def key_arn(kms, key):
    """The ARN of a key, by which it is shown; refuse a key that is not there."""
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html: KMSKeyNotAccessibleFault
    try:
        return kms.describe_key(key).arn
    except (KeyError, NotFoundException):
        raise KMSKeyNotAccessibleFault(key) from None


def named(name):
    """The backend of an instance or else a cluster of this name, and that; or two Nones."""
    backends = [backend for account in rds_backends.values() for backend in account.values()]
    for kind in ("databases", "clusters"):
        for backend in backends:
            if name in getattr(backend, kind):
                return backend, getattr(backend, kind)[name]
    return None, None


def unknown(name):
    """The answer of a route to a name that is not there."""
    return "404 Not Found", {"error": f"no instance or cluster {name}"}
