import sys

from daka.cli import main

sys.exit(main())
