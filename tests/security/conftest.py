"""Cheap hashes, as in the tests of people."""

from identity.conftest import _cheap_hashes  # noqa: F401
