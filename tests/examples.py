"""How many examples Hypothesis tries, and which. On a person's machine they are random, and what failed once is tried
first the next time; in CI (`CI` is set) they are the same each time; `make nightly` tries many times as many, at
random. What fails becomes an `@example` of its test."""

import os

from hypothesis import Phase, configuration, settings

from caunoi.host import home

NIGHTLY = 20  # times as many


def profiles() -> None:
    """Declare them and load the one that fits; `--hypothesis-profile` chooses another."""
    configuration.set_hypothesis_home_dir(home.CHECKOUT / "var" / "hypothesis")
    settings.register_profile("person", deadline=None)  # the machine is shared and noisy
    settings.register_profile("nightly", settings.get_profile("person"), max_examples=100 * NIGHTLY, print_blob=True)
    fast = (Phase.explicit, Phase.generate)  # a mutant's counterexample need not be small
    settings.register_profile("mutate", settings.get_profile("ci"), phases=fast)
    settings.load_profile("ci" if os.environ.get("CI") else "person")


def examples(most: int, **more: object) -> settings:
    """For a test whose examples take long: so many of them, and at night in the same proportion more."""
    night = settings.get_current_profile_name() == "nightly"
    return settings(max_examples=most * (NIGHTLY if night else 1), **more)  # type: ignore[arg-type]
