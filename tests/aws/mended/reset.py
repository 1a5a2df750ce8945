"""POST /moto-api/reset: forgets what moto forgets, what is due, and changed durations; then seeds again."""

from moto.ec2.models.subnets import Subnet
from moto.moto_api._internal.models import MotoAPIBackend

from mended import acm_validation, clock, elb_target, seed
from mended.patch import replaces


@replaces(MotoAPIBackend, "reset")
def a_reset_forgets_the_clock_and_seeds_again(original, _backend):
    original()
    # moto's cache of address iterators keeps every subnet, and with it the whole former world, alive.
    Subnet._base_avail_ip_iterator.cache_clear()
    clock.reset()
    elb_target.reset()
    acm_validation.reset()
    seed.plant()
