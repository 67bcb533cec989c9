"""The server process: gRPC, leases and encoding, between clients and the shared memory of the others."""

import asyncio
import sys
from typing import Any

from robotics.bridge.child import Parent, run_child
from robotics.bridge.control_link import ServerSide
from robotics.bridge.frame_store import FrameStore
from robotics.bridge.metrics import MetricsServer, RobotCollector
from robotics.bridge.server import RobotServer
from robotics.bridge.server_settings import decode_settings
from robotics.bridge.shared_frames import offer
from robotics.bridge.shared_memory import SharedMemory
from robotics.bridge.shared_memory_backend import SharedMemoryBackend
from robotics.embodiment import load_embodiment_file


async def serve(configuration: dict[str, Any], parent: Parent) -> None:
    """Serve until the parent ends."""
    embodiment = load_embodiment_file(configuration["embodiment"])
    frames = shared_frames = None
    if configuration["camera_factory"]:
        memory = SharedMemory(configuration["frames"])
        frames, shared_frames = FrameStore(memory, embodiment), offer(memory)
    backend = SharedMemoryBackend(
        embodiment,
        ServerSide(
            SharedMemory(configuration["commands"]),
            SharedMemory(configuration["states"]),
            configuration["commands_ready"],
        ),
        configuration["states_ready"],
        frames,
        configuration["frames_ready"],
        shared_frames,
    )
    settings = decode_settings(configuration["settings"])
    server = RobotServer(backend, configuration["address"], settings)
    metrics = None
    if settings.metrics_address:
        collector = RobotCollector(backend.statistics, lambda: backend.newest_state, lambda: server.leader)
        metrics = MetricsServer(collector, settings.metrics_address)
        parent.report("note", f"metrics at {metrics.url}")
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    parent.when_ended(lambda: loop.call_soon_threadsafe(ended.set))
    starting = asyncio.create_task(server.start())
    await asyncio.wait((starting, asyncio.create_task(ended.wait())), return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        return
    starting.result()
    parent.report("ready", server.address)
    await ended.wait()
    await server.stop()
    if metrics is not None:
        metrics.close()


def main(configuration: dict[str, Any], parent: Parent) -> None:
    asyncio.run(serve(configuration, parent))


if __name__ == "__main__":
    sys.exit(run_child(main))
