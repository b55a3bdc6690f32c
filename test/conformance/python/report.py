"""What an SDK can do on a chain, one line per method, and an exit code that says whether anything failed."""

import asyncio
import inspect
import time
import traceback
from typing import Any, Awaitable, Callable, Optional

# Nothing may hang: no single method needs more than a few blocks.
METHOD_TIMEOUT_S = 60


async def settled(value: Any) -> Any:
    """The value of a synchronous method, or of an asynchronous one once it is there."""
    return await value if inspect.isawaitable(value) else value


class Report:
    """Runs one method after another; a failure is a line, and the rest goes on."""

    def __init__(self) -> None:
        self.failed = 0
        self.passed = 0

    async def check(
        self,
        name: str,
        run: Callable[[], Any],
        holds: Optional[Callable[[Any], bool]] = None,
    ) -> Any:
        """Passes when `run` returns a value for which `holds` is true. Returns that value, or None after a failure."""
        try:
            value = await asyncio.wait_for(settled(run()), METHOD_TIMEOUT_S)
            if holds is None or holds(value):
                self.passed += 1
                print(f"pass {name}", flush=True)
                return value
            reason = f"unexpected value {value!r}"
        except Exception as error:  # whatever an SDK raises is this method's failure
            reason = f"{type(error).__name__}: {error} at {where(error)}"
        self.failed += 1
        print(f"FAIL {name}: {' '.join(reason.split())[:600]}", flush=True)
        return None

    async def eventually(self, name: str, run: Callable[[], Any], holds: Callable[[Any], bool]) -> Any:
        """As `check`, asked again until it holds."""

        async def poll() -> Any:
            deadline = time.monotonic() + METHOD_TIMEOUT_S / 2
            while True:
                value = await settled(run())
                if holds(value) or time.monotonic() > deadline:
                    return value
                await asyncio.sleep(0.25)

        return await self.check(name, poll, holds)

    def end(self) -> int:
        """Prints the totals and gives the exit code."""
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed > 0 or self.passed == 0 else 0


def where(error: BaseException) -> str:
    """The last place in a traceback."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "?"


def run(main: Callable[[Report], Awaitable[None]]) -> None:
    """Runs a script and ends the process with its exit code."""
    report = Report()
    try:
        asyncio.run(main(report))
    except Exception as error:
        traceback.print_exc()
        report.failed += 1
        print(f"FAIL the script itself: {type(error).__name__}: {error}", flush=True)
    raise SystemExit(report.end())
