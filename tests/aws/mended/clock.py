"""The stand-in's time: what is due when, and how long AWS's slow states last.

Nothing here sleeps or runs in the background. Whatever is due is done at the start of the next request, so between two
requests the world stands still, and a test may move the clock forward instead of waiting.
"""

import dataclasses
import heapq
import itertools
import time


@dataclasses.dataclass
class Durations:
    """How long slow states last, in seconds."""

    pending: float = 0.5
    """NAT gateways, load balancers, endpoints, file systems, instances, certificates, databases: coming and going."""
    listed: float = 3600.0
    """How long a deleted NAT gateway and a terminated instance are still listed."""
    build: float = 2.0
    """How long an instance that builds an image runs."""
    image_pending: float = 1.0
    """How long an image is pending."""
    interface_lingers: float = 1.0
    """How long a load balancer's network interfaces outlive it."""
    draining: float = 1.0
    """The most a target drains, however long its target group's deregistration delay is."""
    refresh_pending: float = 0.0
    """How long an instance refresh is Pending."""
    refresh_waits: float = 1.0
    """The most an instance refresh waits at a checkpoint and bakes, however long it is asked to."""
    refresh_unhealthy: float = 3.0
    """How long an instance refresh bears new instances that fail their health checks; an hour in AWS."""
    dns_elsewhere: float = 1e9
    """How long after its request DNS elsewhere has all of a certificate's validation records; by default never."""


durations = Durations()
_defaults = Durations()
_due: list = []
_each_request: list = []
_order = itertools.count()
_moved = 0.0


def now():
    """Seconds on the stand-in's clock."""
    return time.monotonic() + _moved


def later(seconds, action):
    """Call `action` once `seconds` have passed."""
    heapq.heappush(_due, (now() + seconds, next(_order), action))


def each_request(action):
    """Call `action` at the start of every request, after what is due; also a decorator."""
    _each_request.append(action)
    return action


def run_due():
    """Do whatever is due, in order of time."""
    while _due and _due[0][0] <= now():
        heapq.heappop(_due)[2]()
    for action in _each_request:
        action()


def advance(seconds):
    """Move the clock forward."""
    global _moved
    _moved += seconds
    run_due()


def default(**changes):
    """Set the durations that hold from now on and again after each reset."""
    global _defaults
    _defaults = dataclasses.replace(_defaults, **changes)
    reset()


def change(**changes):
    """Set durations until the next reset."""
    for name, value in dataclasses.asdict(dataclasses.replace(durations, **changes)).items():
        setattr(durations, name, float(value))


def reset():
    """Forget everything due and every changed duration."""
    _due.clear()
    change(**dataclasses.asdict(_defaults))
