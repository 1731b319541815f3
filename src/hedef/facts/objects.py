"""Facts in an S3-compatible store: the same protocol as on a disk, with put-if-absent in the place of a link.

Files never change, so each is fetched once and read from a copy in the data folder.
"""

import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, override

from hedef.facts.store import Store, Stored
from hedef.kernel.errors import Refused
from hedef.settings import Settings


@dataclass(frozen=True, slots=True)
class ObjectStore(Store):
    """`root` is the folder of the copies, `remote` the obstore store below the folder of `address`."""

    address: str = ""
    remote: Any = field(default=None, compare=False, repr=False)

    @override
    def read(self, name: str) -> bytes:
        import obstore

        try:
            return bytes(obstore.get(self.remote, name).bytes())
        except FileNotFoundError:
            raise
        except Exception as fault:
            raise _unreachable(fault) from fault

    @override
    def has(self, name: str) -> bool:
        import obstore

        try:
            obstore.head(self.remote, name)
        except FileNotFoundError:
            return False
        except Exception as fault:
            raise _unreachable(fault) from fault
        return True

    @override
    def put_new(self, name: str, data: bytes) -> None:
        import obstore
        from obstore.exceptions import AlreadyExistsError

        try:
            obstore.put(self.remote, name, data, mode="create")
        except AlreadyExistsError as fault:
            raise FileExistsError(name) from fault
        except Exception as fault:
            raise _unreachable(fault) from fault

    @override
    def list(self, prefix: str) -> list[Stored]:
        import obstore

        now = datetime.now(UTC)  # noqa: TID251 - the store knows the machine's clock, a demo home stands still
        try:
            pages = list(obstore.list(self.remote, prefix=prefix))
        except Exception as fault:
            raise _unreachable(fault) from fault
        found = [Stored(one["path"], (now - one["last_modified"]).total_seconds()) for page in pages for one in page]
        return sorted(found)

    @override
    def delete(self, name: str) -> None:
        import obstore

        with suppress(FileNotFoundError):
            obstore.delete(self.remote, name)
        (self.root / name).unlink(missing_ok=True)

    @override
    def local_path(self, name: str) -> Path:
        path = self.root / name
        if not path.is_file():
            data = self.read(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            aside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
            aside.write_bytes(data)
            aside.replace(path)
        return path


def _unreachable(fault: Exception) -> Refused:
    """The store's own words, without what it adds for its developers."""
    said = str(fault).splitlines()[0][:200] if str(fault) else type(fault).__name__
    return Refused(
        f"The store of the facts did not answer: {said}.",
        hint="Look at HEDEF_FACTS_URL, HEDEF_S3_ENDPOINT, HEDEF_S3_KEY and HEDEF_S3_SECRET.",
        code="store_unreachable",
    )


@lru_cache(maxsize=4)
def object_store(home: Settings) -> ObjectStore:
    """The store named by `facts_url` (`s3://bucket/folder`). Refused when the package is not installed."""
    try:
        from obstore.store import S3Store
    except ImportError as fault:
        raise Refused(
            "Facts in an object store need the package obstore.", hint="Install hedef[s3], or set HEDEF_FACTS_URL."
        ) from fault
    bucket, _, folder = home.facts_url.removeprefix("s3://").partition("/")
    options: dict[str, Any] = {"region": home.s3_region}
    if home.s3_endpoint:
        options["endpoint"] = home.s3_endpoint
        options["client_options"] = {"allow_http": home.s3_endpoint.startswith("http://")}
    if home.s3_key:
        options |= {"access_key_id": home.s3_key, "secret_access_key": home.s3_secret}
    remote = S3Store(bucket, prefix=folder.strip("/") or None, **options)
    return ObjectStore(home.facts_dir, f"{home.s3_endpoint} {home.facts_url}", remote)
