"""The services of the simulated account that hold data, carry events, keep schedules and run functions."""
