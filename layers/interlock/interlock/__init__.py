"""The core of Interlock: pure decisions about releases of SageMaker models.

Nothing in here calls AWS, reads a clock or draws a random number: facts, time and ids come in as arguments,
decisions go out as plain data. Only the standard library, pydantic and (where policies enter) a YAML reader are
imported.
"""
