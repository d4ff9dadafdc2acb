"""A web process and the command line do not pay for what only learning needs."""

import json
import subprocess
import sys

from tests.architecture.test_house import ROOT

HEAVY = ("sklearn", "scipy.optimize", "scipy.stats", "scipy.linalg", "scipy.sparse")
SAY = "import json, sys, app.factory; print(json.dumps(sorted(sys.modules)))"


def test_the_web_process_loads_no_package_for_learning() -> None:
    said = subprocess.run([sys.executable, "-c", SAY], cwd=ROOT, capture_output=True, check=True)
    loaded = json.loads(said.stdout)

    assert "app.customers" in loaded
    assert [name for name in loaded if name.startswith(HEAVY)] == []
