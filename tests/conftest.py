"""What every test here runs under."""

from hypothesis import HealthCheck, settings

# The same examples on every machine and no judgement by the clock: a failure seen once can be seen again.
settings.register_profile(
    "house", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60
)
settings.load_profile("house")
