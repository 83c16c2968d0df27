"""`daka` as browser tests start it: the program itself, with hashes of passwords that cost nothing.

Nothing but these tests starts it this way, and no setting does the same. `process/` and `security/` have the real hashes.
"""

from passlib.context import CryptContext

from daka import security
from forked import fork_when_asked

cheap = CryptContext(schemes=["argon2"], argon2__time_cost=1, argon2__memory_cost=64, argon2__parallelism=1)
security._passwords = lambda: cheap  # type: ignore[assignment]

if __name__ == "__main__":
    fork_when_asked()
