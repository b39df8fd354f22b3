"""The local stack: everything that `steward up` starts, and the promise that all of it ends with it.

    up ── guard (reads a pipe; ends everything when `up` is gone, however it went)
     ├── postgres        Prefect's database
     ├── mail            the mail catcher
     ├── server          Prefect's API, user interface and services
     └── worker          Prefect's process worker ── one process for each run

Every process has a mark in its environment that names its data directory. `up` itself, the guard, or the next
`up` after a power cut finds what must be ended by this mark, not by remembered process ids.
"""
