"""When: the order, the retries and the schedules of the steps. No arithmetic, no SQL, no parsing."""
