"""How it runs: the command line, the local stack, migrations, and what prefect.yaml refers to.

No process of ours tells anybody outside that it runs. The variables stand here because this is imported
before Prefect, which reads them once, at its own import; processes that we start inherit them.
"""

import os

#: What Prefect's client, its server and its command line look for.
NO_TELEMETRY = {"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}

os.environ.update(NO_TELEMETRY)
