"""Orders to where they are carried out, deliveries back in order.

In this process the threads of the scan do the work. On an executor, each worker carries out
whole orders; one that dies is given its order again, on another worker.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future
from functools import partial

from albconn.dataset.converting.work import Delivery, Order, run_order
from albconn.executors import open_pool, result_of
from albconn.progress import Progress

ORDERS_AHEAD = 512  # submitted to an executor and not yet committed


def deliveries(
    orders: Sequence[Order], executor: Executor | None, progress: Progress
) -> Iterator[Delivery]:
    """Yield what the orders came to, in their order: records are committed by number."""
    if executor is None:
        with open_pool() as pool:
            for order in orders:
                yield run_order(order, progress, pool)
        return
    waiting: deque[tuple[Order, Future[Delivery]]] = deque()
    ahead = iter(orders)
    try:
        while True:
            while len(waiting) < ORDERS_AHEAD and (order := next(ahead, None)) is not None:
                waiting.append((order, executor.submit(run_order, order)))
            if not waiting:
                return
            order, future = waiting.popleft()
            delivery = result_of(
                executor,
                run_order,
                order,
                future,
                partial(_failed, order),
            )
            progress.advance(size=order.size, rows=delivery.written)
            yield delivery
    finally:
        for _, future in waiting:
            future.cancel()


def _failed(order: Order, error: str) -> str:
    return (
        f"{order.dest}: batch {order.batch} failed on the executor ({error}); "
        "earlier batches are committed; run again"
    )
