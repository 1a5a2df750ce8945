"""How a repair takes the place of a method of moto."""

import functools


def replaces(owner, *names):
    """Decorate a repair: it is called instead of `owner`'s methods, with the method it replaces as its first argument.

    Repairs of one method stack: the last one defined is asked first. A name that moto no longer has fails at import,
    so an upgrade of moto cannot silently drop a repair.
    """

    def install(repair):
        for name in names:
            original = getattr(owner, name)
            setattr(owner, name, _bound_to(repair, original))
        return repair

    return install


def _bound_to(repair, original):
    @functools.wraps(original)
    def replacement(self, *args, **kwargs):
        return repair(functools.partial(original, self), self, *args, **kwargs)

    return replacement
