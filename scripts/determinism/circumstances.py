"""What must not matter: processors, settings and habits, each as a way to run the program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_GLIBC: Final = "-AVX512F,-AVX512VL,-AVX512BW,-AVX2,-AVX,-FMA,-BMI2,-ERMS"
NUMPY_MASK: Final = "NPY_DISABLE_CPU_FEATURES"


@dataclass(frozen=True)
class Circumstance:
    """Environment variables, number of workers and whether it runs in another directory.

    The value of `NPY_DISABLE_CPU_FEATURES` is filled in with what numpy finds in the processor.
    """

    name: str
    variables: Mapping[str, str] = field(default_factory=dict)
    workers: int = 1
    elsewhere: bool = False
    summary: str = ""

    def describe(self) -> str:
        """Say in one line what is set."""
        if self.summary:
            return self.summary
        words = [f"`{name}={value}`" for name, value in self.variables.items()]
        if self.workers > 1:
            words.append(f"`--workers {self.workers}`")
        if self.elsewhere:
            words.append("another working directory, `--output-dir` relative to it")
        return ", ".join(words) or "`--workers 1`, `TZ=UTC`, `LC_ALL=C.UTF-8`, nothing else"


_MASKS: Final = {
    NUMPY_MASK: "all that numpy found",
    "GLIBC_TUNABLES": f"glibc.cpu.hwcaps={_GLIBC}",
    "ARROW_USER_SIMD_LEVEL": "NONE",
}
_EASTERN: Final = {"TZ": "Pacific/Kiritimati", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"}
_WESTERN: Final = {"TZ": "America/New_York", "LC_ALL": "C", "PYTHONUTF8": "0"}

CIRCUMSTANCES: Final = (
    Circumstance("plain"),
    Circumstance("two workers", workers=2),
    Circumstance("numpy masked", {NUMPY_MASK: _MASKS[NUMPY_MASK]}),
    Circumstance("glibc masked", {"GLIBC_TUNABLES": _MASKS["GLIBC_TUNABLES"]}),
    Circumstance("Arrow masked", {"ARROW_USER_SIMD_LEVEL": "NONE"}),
    Circumstance("east", _EASTERN),
    Circumstance("west", _WESTERN),
    Circumstance("hash seed", {"PYTHONHASHSEED": "4242", "PYTHONOPTIMIZE": "2"}),
    Circumstance("elsewhere", elsewhere=True),
    Circumstance(
        "all at once",
        {**_MASKS, **_EASTERN, "PYTHONHASHSEED": "0"},
        workers=2,
        elsewhere=True,
        summary="the three masks, east, `PYTHONHASHSEED=0`, two workers, elsewhere",
    ),
)
