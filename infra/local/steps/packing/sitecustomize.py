"""On the path of `sam` while it packs functions for the local AWS: with little effort.

A package travels no further than this machine's memory, and packing fifteen functions as for a network
takes longer than all the rest of a start.
"""

import functools
import zipfile

zipfile.ZipFile.writestr = functools.partialmethod(zipfile.ZipFile.writestr, compresslevel=1)
