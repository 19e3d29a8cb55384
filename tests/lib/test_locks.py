"""No two locks are one."""

from caunoi.lib import locks


def test_every_lock_is_its_own():
    numbers = {name: number for name, number in vars(locks).items() if name.isupper()}
    alone = {name: number for name, number in numbers.items() if name != "POLLS"}  # goes with the number of an inbox
    assert len(set(alone.values())) == len(alone)
