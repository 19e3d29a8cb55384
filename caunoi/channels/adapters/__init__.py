"""A file a channel. A province's own stand in the folders that CAUNOI_CHANNELS names, with `:` between them."""

import os

__path__ += [folder for folder in os.environ.get("CAUNOI_CHANNELS", "").split(os.pathsep) if folder]
