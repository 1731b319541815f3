"""Uploads go straight to the disk of the data folder, and stop being written at the limit."""

import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler

TOO_LARGE = "hedef.upload_too_large"  # in `request.META`: name of the file at which a request was cut


class LimitedUpload(TemporaryFileUploadHandler):
    """Every file of a request into `incoming` of the data folder; together they may be as large as one file may be.

    A request beyond that is cut while it streams: none of its files arrives, and `TOO_LARGE` names the one.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.left: int = settings.HEDEF.upload_limit_mb * 1024 * 1024

    def new_file(self, *args: Any, **values: Any) -> None:
        folder = settings.HEDEF.incoming_dir
        folder.mkdir(parents=True, exist_ok=True)
        super().new_file(*args, **values)
        self.file.close()
        self.file.file = tempfile.NamedTemporaryFile(suffix=".upload", dir=folder)  # noqa: SIM115 - closed by Django

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.left -= len(raw_data)
        if self.left < 0:
            self._cut()
        super().receive_data_chunk(raw_data, start)

    def _cut(self) -> None:
        if self.request is not None:
            self.request.META[TOO_LARGE] = str(self.file_name)
        self.file.close()
        raise StopUpload(connection_reset=False)


def take(upload: Any, place: Path) -> None:
    """Move an uploaded file to its place; one that lies in memory is written there."""
    if isinstance(upload, TemporaryUploadedFile):
        Path(upload.temporary_file_path()).rename(place)
        return
    with place.open("wb") as out:
        for chunk in upload.chunks():
            out.write(chunk)
