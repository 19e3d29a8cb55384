"""One file per channel. A province's own are in the folders that CAUNOI_CHANNELS names, with `:` between them."""

import os

__path__ += [folder for folder in os.environ.get("CAUNOI_CHANNELS", "").split(os.pathsep) if folder]
