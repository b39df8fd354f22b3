"""How it runs: the command line, the local stack, migrations, and what prefect.yaml refers to."""
