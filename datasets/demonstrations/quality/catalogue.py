"""Every check by name: how severe its findings are, what they cost in the score, what to do about them."""

from collections.abc import Iterable
from dataclasses import dataclass

from demonstrations.quality.findings import Finding, Severity
from robotics.errors import UnknownNameError


@dataclass(frozen=True)
class Check:
    """One kind of finding."""

    name: str
    severity: Severity
    weight: int
    """Taken from an episode's 100 points, once however often it is found; 0 for a dataset's checks."""
    about: str
    remedy: str


_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO
_HIDE = "hide the episode: `robotics data filter`"
_TRIM = "cut it: `robotics data trim`"

EPISODE_CHECKS = (
    Check("damaged", _E, 100, "files are missing or do not match their checksums", "robotics data verify"),
    Check("not_finite", _E, 100, "NaN or infinity in a state array", _HIDE),
    Check("wrong_shape", _E, 100, "a state array has another shape than the action", _HIDE),
    Check("wrong_dtype", _E, 60, "a state array has another number type than recordings have", _HIDE),
    Check("time_backwards", _E, 100, "time or tick numbers stand still or run backwards", _HIDE),
    Check("time_gap", _W, 20, "robot time jumps between two consecutive ticks", "look at the robot's load"),
    Check("missing_ticks", _W, 20, "control ticks that never reached the recorder", "look at the network"),
    Check(
        "dropped_frames",
        _W,
        15,
        "frames that the recorder could not keep up with",
        "fewer or smaller cameras",
    ),
    Check(
        "camera_gap", _W, 15, "no picture for several frame periods", "look at the camera's cable and load"
    ),
    Check("camera_short", _E, 40, "a camera begins late, ends early or has no frames", _TRIM),
    Check(
        "camera_rate", _W, 15, "a camera's rate is not the rate that the dataset states", "camera settings"
    ),
    Check("camera_drift", _W, 20, "two cameras of one rate drift apart", "trigger them by hardware"),
    Check(
        "camera_late", _W, 25, "what the pictures show lags behind the joints", "drain the camera's buffer"
    ),
    Check("repeated_frames", _W, 25, "the same picture twice while the robot moves", "look at the driver"),
    Check("frozen_picture", _E, 50, "a picture that stands still while the robot moves", _HIDE),
    Check("black_frames", _E, 40, "pictures without light", _HIDE),
    Check("saturated_frames", _E, 40, "pictures that are all white", _HIDE),
    Check("constant_frames", _E, 40, "pictures of a single colour", _HIDE),
    Check("outside_limits", _E, 50, "a joint beyond its limits", "calibrate, then " + _HIDE),
    Check("jump", _E, 50, "a joint jumps faster than it can move", _HIDE),
    Check("frozen_joint", _E, 60, "commanded but not moving, or its reading stands still", _HIDE),
    Check(
        "lag", _W, 20, "the joints follow their commands unusually late, or before they come", "check clocks"
    ),
    Check("jerk", _W, 15, "motion rougher than the limits or than the other episodes", "watch it"),
    Check("at_limit", _W, 15, "a joint rests against its limit", "move the scene, record again"),
    Check(
        "gripper_clipped", _W, 10, "grippers asked for more than open or closed", "calibrate the teleoperator"
    ),
    Check("held_back", _W, 15, "the guard let through much less than was asked for", "move slower"),
    Check("idle_head", _W, 5, "nothing moves at the start", _TRIM),
    Check("idle_tail", _W, 5, "nothing moves at the end", _TRIM),
    Check("pause", _I, 3, "nothing moves for a while in the middle", "watch it"),
    Check("truncated", _E, 50, "recovered after a crash: the end is missing", _HIDE),
    Check("failed", _W, 50, "judged a failure", "training leaves it out"),
    Check("unjudged", _W, 20, "nobody said whether it succeeded", "`robotics data relabel`"),
    Check("stopped", _E, 40, "an emergency or protective stop", _TRIM),
    Check("fault", _E, 30, "the robot reported a fault", "watch it"),
    Check("refused", _W, 15, "the guard refused a plan", "watch it"),
    Check("starved", _W, 10, "the plan ran out and the arms slowed down", "a faster policy or network"),
    Check("success_lost", _I, 3, "success was reached, lost and reached again", "watch it"),
    Check("intervention", _I, 0, "a person took over", "nothing: such episodes are wanted"),
    Check("duplicate", _E, 60, "the same motion as an earlier episode", _HIDE),
    Check("near_duplicate", _W, 20, "nearly the same motion and scene as another episode", _HIDE),
    Check("same_seed", _W, 15, "task, seed and source of an earlier episode", _HIDE),
    Check("length_outlier", _W, 10, "much longer or shorter than the others of its task", "watch it"),
)

DATASET_CHECKS = (
    Check("few_starts", _W, 0, "few distinct scenes at the start", "vary the scene, record more"),
    Check("one_seed", _W, 0, "many episodes share few seeds", "record other seeds"),
    Check("instruction_balance", _W, 0, "one wording has most of the episodes", "`robotics data filter`"),
    Check(
        "success_balance", _W, 0, "many failures, or episodes that nobody judged", "`robotics data relabel`"
    ),
    Check("idle_dimension", _I, 0, "a joint that hardly ever moves", "nothing, where the task needs one arm"),
    Check("outlier_dimension", _W, 0, "a few values decide a joint's minimum or maximum", _HIDE),
    Check("mixed_rates", _E, 0, "episodes of different control rates", "`robotics data split`"),
    Check("mixed_interfaces", _E, 0, "episodes of different robots", "`robotics data split`"),
    Check(
        "mixed_cameras", _E, 0, "episodes with different cameras or picture sizes", "`robotics data split`"
    ),
    Check("mixed_embodiments", _W, 0, "the robot's file changed between episodes", "see what changed"),
    Check("mixed_software", _I, 0, "recorded with different versions of the software", "see what changed"),
)

CHECKS = {check.name: check for check in (*EPISODE_CHECKS, *DATASET_CHECKS)}


def found(
    check: str, text: str, where: str = "", value: float | None = None, threshold: float | None = None
) -> Finding:
    """A finding of that check, with its severity.

    Raises:
        UnknownNameError: There is no such check.
    """
    if check not in CHECKS:
        raise UnknownNameError("check", check, CHECKS)
    number = None if value is None else float(value)
    return Finding(check, CHECKS[check].severity, text, where, number, threshold)


def score(findings: Iterable[Finding]) -> int:
    """100 less the weight of every check that found something, at least 0."""
    return max(0, 100 - sum(CHECKS[name].weight for name in {finding.check for finding in findings}))


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """By severity, then by weight, then as they came."""
    return tuple(sorted(findings, key=lambda f: (f.severity.rank, -CHECKS[f.check].weight)))
