"""Faults of leading: two at once, leases that expire, are taken, used again, guessed or of another start."""

from collections.abc import Callable

from robotics.bridge.client import GrpcSession
from robotics.bridge.faults.child_client import STEPS
from robotics.bridge.faults.finding import Fault, Finding, first_problem
from robotics.bridge.faults.full_speed import full_speed_plan
from robotics.bridge.faults.scene import Scene
from robotics.bridge.faults.stub_client import StubClient
from robotics.bridge.v1 import types_pb2
from robotics.errors import LeaseError

_EXPIRES_WITHIN_S = 4.0


def lead_twice(scene: Scene) -> Finding:
    scene.move()

    def send() -> str:
        with GrpcSession(scene.address, client_name="second") as second:
            try:
                second.send(scene.observe_chunk())
            except LeaseError as error:
                return str(error)
        return "accepted"

    found = scene.expect_motion(send)
    unnamed = "" if "'leader' leads" in found.report else f"the leader was not named: {found.report}"
    return Finding(first_problem(found.problem, unnamed), found.report)


def take_over(scene: Scene) -> Finding:
    """A second client takes the lease in motion; what the first sends afterwards is refused."""
    scene.move()
    with StubClient(scene.address) as taker:
        found = scene.expect_stop(lambda: taker.take("taker"), "'taker' took the lease from 'leader'")
        chunk, since = scene.observe_chunk(), len(scene.watcher.states)
        try:
            scene.leader.send(chunk)
            late = "accepted"
        except LeaseError as error:
            late = str(error)
    problem = first_problem(
        found.problem,
        "" if "is over" in late else f"the former leader's chunk: {late}",
        "it moved" if scene.watcher.wait_for(lambda s: s.chunk_id == -1, since, 0.2) >= 0 else "",
    )
    return Finding(problem, f"{found.report}; {late}", found.slowing_s, found.standstill_s, scene.recovers())


def _with_bad_lease(wanted: str, spoil: Callable[[types_pb2.Lease, str], types_pb2.Lease]):
    """A former leader's lease is shown again, spoilt, while another leads: nothing of it is executed."""

    def inject(scene: Scene) -> Finding:
        with StubClient(scene.address) as former:
            old = former.take("former")
            scene.move()
            found = scene.expect_motion(lambda: former.send(spoil(old, "leader"), scene.observe_chunk()))
        wrong = "" if found.report == wanted else f"wanted {wanted}, got {found.report}"
        return Finding(first_problem(found.problem, wrong), found.report)

    return inject


def _guessed(old: types_pb2.Lease, leader: str) -> types_pb2.Lease:
    return types_pb2.Lease(epoch=old.epoch, sequence=old.sequence + 1, client_name=leader)


def expire(scene: Scene) -> Finding:
    """A leader that sends one long plan, and neither retains its lease nor closes its stream."""
    scene.rest()
    with StubClient(scene.address) as silent:
        lease = silent.take("silent")
        chunk = scene.observe_chunk(STEPS)
        plan = full_speed_plan(scene.embodiment, chunk.positions[0], STEPS)
        chunk.positions[:] = plan
        answer = silent.send(lease, chunk)
        # the deadline counts from that command on, so that full speed is not waited for
        found = scene.expect_stop(lambda: None, "nothing was heard of 'silent' for 0.5 s", 0.7)
        since = len(scene.watcher.states)
        told = "the lease of 'silent' expired"
        expired = scene.watcher.wait_for(
            lambda state: any(told in event.text for event in state.events), since, _EXPIRES_WITHIN_S
        )
        late = silent.send(lease, scene.observe_chunk())
    problem = first_problem(
        found.problem,
        "" if answer == "OK" else f"the plan was answered {answer}",
        "" if expired >= 0 else "the lease did not expire",
        "" if late == "LEASE_EXPIRED" else f"a chunk under it was answered {late}",
    )
    report = f"{found.report}; {told}; {late}"
    return Finding(problem, report, found.slowing_s, found.standstill_s, scene.recovers())


_GOES_ON = "refused, the leader's plan goes on"
FAULTS = (
    Fault("lease", "wrong: a second client commands", "refused by name, plan goes on", lead_twice),
    Fault("lease", "wrong: taken in motion", "brakes at once; the former is refused", take_over),
    Fault("lease", "wrong: an old one again", _GOES_ON, _with_bad_lease("LEASE_REVOKED", lambda old, _: old)),
    Fault(
        "lease",
        "wrong: the next one guessed",
        _GOES_ON,
        _with_bad_lease("LEASE_REVOKED", _guessed),
        quick=True,
    ),
    Fault(
        "lease",
        "wrong: of another start",
        _GOES_ON,
        _with_bad_lease(
            "LEASE_WRONG_EPOCH",
            lambda old, leader: types_pb2.Lease(epoch="0" * 16, sequence=old.sequence, client_name=leader),
        ),
    ),
    Fault("lease", "stuck: not retained", "brakes at 0.5 s, expires at 2 s, then refused", expire),
)
