"""Settings of the tests: a throw-away data folder, quick passwords, static files under their plain names."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("HEDEF_HOME", tempfile.mkdtemp(prefix="hedef-tests-"))
os.environ.setdefault("HEDEF_SECRET_KEY", "only for tests")

from hedef.settings import *  # noqa: F403
from hedef.settings import HEDEF, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
STATIC_ROOT = HEDEF.home / "static"
Path(STATIC_ROOT).mkdir(parents=True, exist_ok=True)
# a job runs where it is asked for
TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend", "QUEUES": []}}
