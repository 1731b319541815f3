"""Jobs of intake: uploads that are too large for a page, the inbox, and clearing away."""

import logging
from typing import Any

from hedef import jobs
from hedef.intake import inbox, sent, tidying, uploading

_log = logging.getLogger("hedef.intake")


@jobs.job()
def look_at_draft(token: str, language: str) -> dict[str, Any]:
    """What an upload would change; nothing is written."""
    return uploading.look(token, language=language, report=jobs.report)


@jobs.job()
def import_draft(token: str, language: str) -> dict[str, Any]:
    """Import an upload as a person has mapped and answered it."""
    return uploading.import_(token, language=language, report=jobs.report)


@jobs.job()
def import_sent(token: str, names: list[str]) -> dict[str, Any]:  # noqa: ARG001 - names are for who looks at the job
    """Import files that a program sent."""
    return sent.import_(token, report=jobs.report)


@jobs.job(queue="system", quiet=True)
def scan_inbox() -> int:
    """Hand every file that lies still in the inbox to a worker."""
    return inbox.scan(lambda source, name: jobs.enqueue(import_from_inbox, actor=inbox.ACTOR, source=source, name=name))


@jobs.job()
def import_from_inbox(source: str, name: str) -> dict[str, Any]:
    """Import one file of the inbox through the saved mapping of its source."""
    told = inbox.import_file(source, name, report=jobs.report)
    _log.info("inbox: %s of %s: %s", name, source, told["state"])
    return told


@jobs.job(queue="system", quiet=True)
def clear_uploads() -> int:
    """Throw away uploads that nobody went on with, and files whose time is over."""
    return tidying.clear_uploads()


@jobs.job(quiet=True)
def resume_imports() -> int:
    """Go on with imports that were broken off, or say why not."""
    return tidying.resume_imports()
