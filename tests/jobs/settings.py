"""Settings of real workers in tests: a queue with short thresholds, and jobs that tests ask for."""

from hedef.settings import *  # noqa: F403
from hedef.settings import HEDEF, INSTALLED_APPS, tasks

INSTALLED_APPS = [*INSTALLED_APPS, "tests.jobs.apps.QuickJobs"]
TASKS = {"default": tasks(HEDEF)}
TASKS["default"]["OPTIONS"] |= {
    "process_heartbeat_interval": 1,
    "process_alive_threshold": 6,
    "shutdown_timeout": 10,
    "dispatchers": [{"polling_interval": 0.3, "concurrency_maintenance": False}],
    "scheduler": {"polling_interval": 0.3},
}
