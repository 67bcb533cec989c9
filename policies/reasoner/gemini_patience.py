"""When a call that failed is worth another try, and when that is."""

import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

RETRIED_STATUS = frozenset({408, 429, 500, 502, 503, 504})
_SECONDS = re.compile(r"(\d{1,7}(?:\.\d{1,9})?)s")


@dataclass(frozen=True)
class Backoff:
    """Waiting times that double, with jitter, so that parallel callers do not return together."""

    attempts: int = 5
    """In all."""
    first_s: float = 1.0
    longest_s: float = 30.0
    jitter: float = 0.25
    """Up to this part is added by chance."""

    def wait_s(self, failures: int, asked_s: float | None) -> float:
        """Before the next attempt after `failures` >= 1, at least as long as the server asked for."""
        wait = min(self.first_s * 2 ** (failures - 1), self.longest_s)
        return max(wait, asked_s or 0.0) * (1 + self.jitter * random.random())


def asked_wait_s(headers: Any, details: Any) -> float | None:
    """How long a refusal asks to wait [s]: its Retry-After header, or the RetryInfo in its body."""
    header = headers.get("retry-after") if headers is not None else None
    if header and (wait := _read_retry_after(header.strip())) is not None:
        return wait
    error = details.get("error", details) if isinstance(details, dict) else {}
    for detail in error.get("details", []) if isinstance(error, dict) else []:
        if isinstance(detail, dict) and str(detail.get("@type", "")).endswith("google.rpc.RetryInfo"):
            delay = _SECONDS.fullmatch(str(detail.get("retryDelay", "")))
            return float(delay.group(1)) if delay else None
    return None


def _read_retry_after(header: str) -> float | None:
    """Seconds, from seconds or from a date."""
    if re.fullmatch(r"\d{1,7}(\.\d{1,3})?", header):
        return float(header)
    try:
        return max((parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds(), 0.0)
    except (ValueError, TypeError):  # no date, or one without a time zone
        return None
