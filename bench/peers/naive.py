"""Peer (b): the straightforward version, as a competent developer writes it from the documentation.

FastAPI reads the body into pydantic models, SQLAlchemy writes it to one JSON column of an SQLite table,
and the answer follows the commit. Gzipped bodies use the custom route class of FastAPI's own documentation.
"""

import gzip
import os
import uuid
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, Self

import uvicorn
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import JSON, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

_IDENTIFIERS = ("business_email", "personal_email", "email", "domain", "company_domain")


class Record(BaseModel):
    """One person or company: any members, at least one non-blank identifier."""

    model_config = ConfigDict(extra="allow")

    business_email: str | None = None
    personal_email: str | None = None
    email: str | None = None
    domain: str | None = None
    company_domain: str | None = None

    @model_validator(mode="after")
    def has_identifier(self) -> Self:
        if not any((getattr(self, name) or "").strip() for name in _IDENTIFIERS):
            raise ValueError("at least one identifier is needed")
        return self


class BatchUpload(BaseModel):
    """The request body."""

    upload_name: str = Field(min_length=1, max_length=100)
    records: list[Record] = Field(min_length=1, max_length=50_000)
    fields: list[str] | None = None


class Receipt(BaseModel):
    """The answer."""

    status: str = "success"
    upload_id: str
    session_token: str
    rows_received: int
    message: str = "Batch upload successful"


class Base(DeclarativeBase):
    """SQLAlchemy's registry."""


class Upload(Base):
    """One upload, its records in one JSON column."""

    __tablename__ = "uploads"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    records: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    rows_received: Mapped[int]
    created_at: Mapped[datetime]


class GzipRequest(Request):
    """A request whose body may be gzipped."""

    async def body(self) -> bytes:
        if not hasattr(self, "_body"):
            body = await super().body()
            self._body = gzip.decompress(body) if "gzip" in self.headers.getlist("content-encoding") else body
        return self._body


class GzipRoute(APIRoute):
    """Hands every handler a GzipRequest."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def decoded(request: Request) -> Response:
            return await handler(GzipRequest(request.scope, request.receive))

        return decoded


engine = create_engine(
    f"sqlite:///{os.environ['BENCH_DATA_DIR']}/naive.db",
    connect_args={"timeout": 60, "check_same_thread": False},
)
Base.metadata.create_all(engine)
router = APIRouter(route_class=GzipRoute)


@router.post("/api/audience/batch-upload")
def create(batch: BatchUpload) -> Receipt:
    """Store the batch and commit before answering."""
    upload_id = f"upl_{uuid.uuid4().hex}"
    records = batch.model_dump(exclude_unset=True)["records"]
    with Session(engine) as session:
        session.add(
            Upload(
                id=upload_id,
                name=batch.upload_name,
                records=records,
                rows_received=len(records),
                created_at=datetime.now(UTC),
            )
        )
        session.commit()
    return Receipt(upload_id=upload_id, session_token=f"sess_{uuid.uuid4().hex}", rows_received=len(records))


app = FastAPI()
app.include_router(router)

if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        http="httptools",
        loop="uvloop",
        access_log=False,
        log_level="warning",
    )
