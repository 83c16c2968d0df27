"""Python imports this at its start where the folder is on PYTHONPATH."""

import sys

from loopback_guard import refuse_others

refuse_others(lambda refusal: print(refusal, file=sys.stderr, flush=True))
