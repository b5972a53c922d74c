"""Skip the whole module from its top level.

expect: failed
checks: total=errored
"""

import pytest

pytest.skip("not on this machine", allow_module_level=True)
