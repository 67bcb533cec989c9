"""How an arm picks a thing from above, carries it over others, sets it down and draws back.

Each function is a law for one arm. The height that a tool must keep depends on how far it is from
where it is going (a funnel): far away it travels high, it comes down only when it is above the
place, and when it is pushed aside it rises before it moves sideways.
"""

import numpy as np

from robotics.errors import UnreachableError
from sim.experts.law import Command
from sim.experts.moment import Item, Moment
from sim.experts.plant import Frame, Plant, level, pointing

_FULL_TILT_RAD = 0.5
_TILT_FROM_M, _TILT_OVER_M = -0.14, 0.24
"""Tools begin to lean outwards so far before the end of their upright reach, and lean fully so much later."""
_FUNNEL_M = (0.006, 0.03)
"""Sideways distance up to which a tool may be all the way down, and from which on it stays up."""
_LAG_M = 0.015
"""A tool further than this from its reference is held up by something, not just late."""
_HELD_UP = 2.5
"""How much more that counts: a hand that is caught on something is drawn up strongly."""
_FREE_M = (0.03, 0.16)
"""Distance from grasp or place up to which noise would spoil it, and from which on it does no harm."""
_ABOUT_DOWN = 0.94
"""Cosine of the angle to the grasp's approach direction below which a hand does not point down yet."""
_ALIGNED_RAD = 0.12
_CLOSE_TO_M = 0.007
"""Tool to grasp: near enough to begin to close."""
_STILL_BETWEEN_M = 0.014
"""Tool to grasp: near enough to go on closing."""


def downward(
    plant: Plant, arm: str, position: np.ndarray, closing: np.ndarray, also: np.ndarray | None = None
) -> Frame:
    """Tool that points down at a position (3,), leaning outwards where an upright one does not reach.

    Args:
        closing: Horizontal unit vector (3,) along which the fingers close.
        also: Another position (3,) that must be reached with the same lean.
    """
    outward = level(position - plant.base[arm])
    distance = float(np.linalg.norm((position - plant.base[arm])[:2]))
    if also is not None:
        distance = max(distance, float(np.linalg.norm((also - plant.base[arm])[:2])))
    begin = plant.upright_reach_m[arm] + _TILT_FROM_M
    tilt = _FULL_TILT_RAD * float(np.clip((distance - begin) / _TILT_OVER_M, 0.0, 1.0))
    ahead = np.array([-closing[1], closing[0], 0.0])
    ahead *= np.sign(ahead @ outward) or 1.0
    approach = np.sin(tilt) * ahead - np.array([0.0, 0.0, np.cos(tilt)])
    return Frame(position, pointing(closing, approach))


def home_closing(plant: Plant, arm: str) -> np.ndarray:
    """Horizontal closing direction (3,) of a tool at home."""
    return level(plant.home[arm].rotation[:, 1])


def closing_on(plant: Plant, arm: str, item: Item, now: np.ndarray, max_gap_m: float) -> np.ndarray:
    """Horizontal direction (3,) along which to close on an item.

    Of the item's horizontal axes that fit between the fingers, the one that turns the tool least from
    its present closing direction `now` (3,), but never more than about a right angle from home.
    """
    axes, widths = item.frame.rotation.T, 2.0 * item.half_size
    flat = [i for i in range(3) if abs(axes[i, 2]) < 0.5] or [0, 1]
    slim = [i for i in flat if widths[i] < min(widths[flat]) + 0.01 and widths[i] < max_gap_m] or flat
    home = home_closing(plant, arm)
    candidates = [sign * level(axes[i]) for i in slim for sign in (1.0, -1.0)]
    near_home = [c for c in candidates if c @ home > -0.2] or candidates
    return max(near_home, key=lambda c: float(c @ level(now)))


def ease(value: float, low: float, high: float) -> float:
    """0 below `low`, 1 above `high`, smooth between."""
    s = min(max((value - low) / (high - low), 0.0), 1.0)
    return s * s * (3.0 - 2.0 * s)


def above(
    target: np.ndarray,
    now: np.ndarray,
    away: float,
    clearance: float,
    funnel: tuple[float, float] = _FUNNEL_M,
) -> np.ndarray:
    """The next point (3,) to steer for on the way to `target` (3,) through the funnel.

    Args:
        now: Where the thing that moves is by its reference, shape (3,) [m]. Steering by the measured
            position would swing, since it is late.
        away: Its horizontal distance, or what counts as much, from where it may come down [m].
        clearance: Height over the target at which it travels [m].
        funnel: Distance up to which it may be down, and from which on it stays up [m].
    """
    height = clearance * ease(away, *funnel)
    point = target + np.array([0.0, 0.0, height])
    # Too low for its distance: first up, then sideways.
    free = 1.0 - ease(point[2] - now[2], 0.02, 0.05)
    point[:2] = now[:2] + free * (target[:2] - now[:2])
    return point


def pick(
    moment: Moment,
    arm: str,
    item_name: str,
    *,
    clearance: float = 0.07,
    offset: np.ndarray | None = None,
    closing: np.ndarray | None = None,
    then_to: np.ndarray | None = None,
) -> Command:
    """Go above an item, come down, close; when it is not between the fingers, open and begin again.

    Args:
        clearance: Height above the grasp at which the tool approaches [m].
        offset: From the item's centre to the grasp, world axes (3,) [m].
        closing: Horizontal closing direction (3,); default by the item's shape.
        then_to: Where the item will be set down upright, so that the hand leans enough for it (3,) [m].
    """
    plant, item, tool = moment.plant, moment.items[item_name], moment.tool[arm]
    if closing is None:
        max_gap = plant.embodiment.get_arm(arm).gripper.fingertip_gap[1] - 0.008
        closing = closing_on(plant, arm, item, tool.rotation[:, 1], max_gap)
    position = item.frame.position + (np.zeros(3) if offset is None else offset)
    grasp = downward(plant, arm, position, closing, then_to)
    error = grasp.position - tool.position
    sideways = float(np.hypot(error[0], error[1]))
    askew = float(np.arccos(np.clip(closing @ tool.rotation[:, 1], -1.0, 1.0)))
    begun = moment.commanded_opening(arm) < 0.9
    near = _STILL_BETWEEN_M if begun else _CLOSE_TO_M
    if sideways < near and abs(error[2]) < near and askew < _ALIGNED_RAD + 0.1 * begun:
        return Command(settled(moment, arm, grasp), 0.0, speed=0.25, freedom=0.0)
    shut = ease(0.85 - moment.opening(arm), 0.0, 0.15)  # do not come down with closed fingers
    goal = moment.goal[arm]
    away = max(
        float(np.hypot(*(grasp.position - goal.position)[:2])),
        _HELD_UP * (sideways - _LAG_M),
        0.12 * max(askew - _ALIGNED_RAD, 0.0),
        0.03 * shut,
    )
    point = above(grasp.position, goal.position, away, clearance)
    freedom = ease(float(np.linalg.norm(error)), *_FREE_M)
    if (
        float(goal.rotation[:, 2] @ grasp.rotation[:, 2]) < _ABOUT_DOWN
        and goal.position[2] > position[2] + 0.04
    ):
        # A hand that does not point down yet is turned by the whole arm, past the wrist's singularity.
        top = Frame(grasp.position + np.array([0.0, 0.0, clearance]), grasp.rotation)
        try:
            return Command(top, 1.0, posture=plant.posture(arm, top), freedom=freedom)
        except UnreachableError:
            pass
    return Command(settled(moment, arm, Frame(point, grasp.rotation)), 1.0, freedom=freedom)


def carry(
    moment: Moment,
    arm: str,
    item_name: str,
    place: np.ndarray,
    closing: np.ndarray,
    *,
    clearance: float,
    upright: bool = False,
    funnel: tuple[float, float] = _FUNNEL_M,
) -> Command:
    """Bring a held item's centre to `place` (3,): lift, travel at a height, come down.

    Args:
        closing: Horizontal closing direction (3,) of the tool at the place.
        clearance: Height above the place at which the item travels [m].
        upright: Turn the item's own axis up; else only the hand points down.
        funnel: See `above`.
    """
    plant, tool, item = moment.plant, moment.tool[arm], moment.items[item_name].frame.position
    in_tool = moment.in_tool(arm, item_name)
    goal = moment.goal[arm]
    ahead = goal.position + goal.rotation @ in_tool  # where the item will be
    here = goal.position
    askew = float(np.arccos(np.clip(closing @ tool.rotation[:, 1], -1.0, 1.0)))
    away = max(
        float(np.hypot(*(place - ahead)[:2])),
        float(np.hypot(*(place - item)[:2])) - _LAG_M,
        0.1 * max(askew - 0.08, 0.0),
    )
    point = above(place, ahead, away, clearance, funnel)
    # The lean fits where the hand is now; on arrival that is the place.
    rotation = downward(plant, arm, np.array([*here[:2], place[2]]), closing).rotation
    if upright:
        rotation = _turned_upright(tool.rotation.T @ moment.items[item_name].frame.rotation, closing)
    wanted = Frame(point - rotation @ in_tool, rotation)
    freedom = min(ease(float(np.linalg.norm(place - item)), *_FREE_M), ease(here[2], 0.03, 0.09))
    return Command(settled(moment, arm, wanted), 0.0, freedom=0.8 * freedom)


def _turned_upright(item_in_tool: np.ndarray, closing: np.ndarray) -> np.ndarray:
    """Tool rotation (3, 3) that closes along `closing` (3,) and holds the item with an axis straight up.

    Args:
        item_in_tool: Rotation of the held item in the tool's frame, shape (3, 3).
    """
    # Tools point down: the axis of the item that is up is the one along the tool's -z.
    axes = item_in_tool.T
    axis = axes[np.argmax(np.abs(axes[:, 2]))]
    up = -axis * np.sign(axis[2])
    up = np.array([up[0], 0.0, up[2]])  # across the closing direction the fingers hold it square
    up /= np.linalg.norm(up)
    y = np.array([0.0, 1.0, 0.0])
    in_tool = np.stack([up, y, np.cross(up, y)], axis=1)
    vertical = np.array([0.0, 0.0, 1.0])
    in_world = np.stack([vertical, closing, np.cross(vertical, closing)], axis=1)
    return in_world @ in_tool.T


def draw_back(moment: Moment, arm: str, item_name: str, clearance: float = 0.09) -> Command:
    """Open, then straight up from an item that stays where it is, then hold still."""
    touch = moment.opening_for(arm, item_name)
    goal = moment.goal[arm]
    apart = float(np.linalg.norm(moment.items[item_name].frame.position - goal.position))
    if moment.opening(arm) < min(touch + 0.2, 0.9) and apart < 0.04:
        return Command(goal, 1.0, freedom=0.0)
    top = moment.items[item_name].frame.position[2] + clearance
    target = Frame(np.array([goal.position[0], goal.position[1], max(top, goal.position[2])]), goal.rotation)
    return Command(target, 1.0, freedom=0.3)


def settled(moment: Moment, arm: str, wanted: Frame) -> Frame:
    """Aim beyond `wanted` by most of what the tool still lacks when its reference has arrived there.

    Stiction keeps a tool some millimetres from its reference.
    """
    goal, tool = moment.goal[arm], moment.tool[arm]
    distance = float(np.linalg.norm(wanted.position - goal.position))
    lack = goal.position - tool.position
    size = float(np.linalg.norm(lack))
    # What lacks while moving is lag, which mends itself: more than stiction explains does not count.
    lack *= 0.7 * np.exp(-((distance / 0.02) ** 2)) * np.exp(-((size / 0.012) ** 2))
    return Frame(wanted.position + lack, wanted.rotation)
