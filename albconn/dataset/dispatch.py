"""Orders to where they are carried out, deliveries back in order.

In this process the threads of the scan are the crew. On an executor, each worker carries out
whole orders; one that dies is given its order again, on another worker.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future

from albconn.dataset.work import Delivery, Order, run_order
from albconn.errors import AlbconnError, DatasetError
from albconn.logs.progress import Progress
from albconn.logs.scan import open_pool

ORDERS_AHEAD = 512  # submitted to an executor and not yet committed
ATTEMPTS = 3  # of an order whose worker died


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
            delivery = _result(order, future, executor)
            progress.advance(size=order.size, rows=delivery.written)
            yield delivery
    finally:
        for _, future in waiting:
            future.cancel()


def _result(order: Order, future: Future[Delivery], executor: Executor) -> Delivery:
    """Wait for an order; give it to another worker when its worker died."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return future.result()
        except AlbconnError:
            raise
        except Exception as error:
            if attempt == ATTEMPTS or isinstance(error, BrokenExecutor):
                raise DatasetError(
                    f"{order.dest}: batch {order.batch} failed on the executor "
                    f"({type(error).__name__}: {error}); earlier batches are committed; run again"
                ) from error
            future = executor.submit(run_order, order)
    raise AssertionError("unreachable")
