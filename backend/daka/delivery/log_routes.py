"""HTTP of the delivery log."""

from typing import Annotated

from fastapi import APIRouter, Query

from daka.database import SessionDep
from daka.delivery import delivery_log
from daka.delivery.schemas import DeliveryRead, DeliverySearch
from daka.identity.access import Member
from daka.identity.schemas import RowId
from daka.paging import Page
from daka.problems import problems

router = APIRouter(prefix="/api/v1/deliveries", tags=["deliveries"])


@router.get("", operation_id="deliveries_list")
async def list_deliveries(
    by: Member,
    session: SessionDep,
    search: Annotated[DeliverySearch, Query()],
) -> Page[DeliveryRead]:
    """The delivery log, newest first."""
    items, next_cursor = await delivery_log.list_deliveries(session, by, search)
    return Page(items=items, next_cursor=next_cursor)


@router.get("/{delivery_id}", operation_id="deliveries_read", responses=problems(404))
async def read_delivery(delivery_id: RowId, by: Member, session: SessionDep) -> DeliveryRead:
    """One delivery with its attempts."""
    return await delivery_log.read_delivery(session, delivery_id, by)


@router.post("/{delivery_id}/retry", operation_id="deliveries_retry", responses=problems(403, 404, 409))
async def retry_delivery(delivery_id: RowId, by: Member, session: SessionDep) -> DeliveryRead:
    """Retry a failed or expired delivery, with the same idempotency key."""
    await delivery_log.retry_delivery(session, delivery_id, by)
    await session.flush()
    return await delivery_log.read_delivery(session, delivery_id, by)
