"""The base of everything that pydantic reads and writes."""

import warnings

from pydantic import BaseModel, ConfigDict
from pydantic.warnings import UnsupportedFieldAttributeWarning

# FastAPI turns it off while it makes the parts of a body, which are now built after that.
warnings.filterwarnings("ignore", category=UnsupportedFieldAttributeWarning)


class Schema(BaseModel):
    """Its validator is built when it is first used: a process needs few of them, and all took a tenth of the start."""

    model_config = ConfigDict(defer_build=True)
