// Moves one joint of each arm of a running robot by four degrees and back, and checks that it did.
//
//   npm ci && node client.mjs [HOST:PORT] [FOLDER_OF_PROTOS]
//
// docs/wire.md explains each step. Exit code 0 only if the joints moved and came back.

import grpc from "@grpc/grpc-js";
import protoLoader from "@grpc/proto-loader";
import { parse } from "smol-toml";

const SWING = (4 * Math.PI) / 180; // [rad]
const SWING_S = 4;
const SETTLE_S = 1; // chunks go on for so long after the motion, at its end
const LATE = ["STATUS_CODE_STALE", "STATUS_CODE_TOO_OLD"];
const CHUNK_STEPS = 50;
const [address = "127.0.0.1:50051", protos = new URL("../../../robotics/bridge/protos", import.meta.url).pathname] =
  process.argv.slice(2);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
process.on("uncaughtException", (error) => { console.error(`failed: ${error.message}`); process.exit(1); });

const files = ["robot", "lease", "time_sync"].map((name) => `robotics/v1/${name}_service.proto`);
// 64-bit integers as strings: a double cannot hold a time in nanoseconds.
const loaded = protoLoader.loadSync(files, { includeDirs: [protos], longs: String, enums: String, defaults: true });
const { v1 } = grpc.loadPackageDefinition(loaded).robotics;
const [robot, leases, clock] = [v1.RobotService, v1.LeaseService, v1.TimeSyncService].map(
  (Service) => new Service(address, grpc.credentials.createInsecure())); // a robot takes that from its own machine only

/** One request, one answer within five seconds; a refusal becomes an error, as a broken connection is one. */
async function call(service, method, request = {}) {
  const answer = await new Promise((resolve, reject) => service[method](
    request, { deadline: Date.now() + 5000 }, (error, found) => (error ? reject(error) : resolve(found))));
  if (answer.status && answer.status.code !== "STATUS_CODE_OK") throw new Error(`${method}: ${answer.status.message}`);
  return answer;
}

// 1. Describe: who is this, in what order and rhythm does it move? The embodiment's TOML says it.
const description = await call(robot, "Describe");
const { arm: arms, camera: cameras = [], control_rate_hz: rateHz } = parse(description.embodiment.toml.toString());
const names = arms.flatMap((arm) => [...arm.joint, arm.gripper].map((joint) => `${arm.name}/${joint.name}`));
const upper = arms.flatMap((arm) => [...arm.joint.map((joint) => joint.position[1]), 1]);
const moved = arms.map((arm) => names.indexOf(`${arm.name}/${arm.joint[0].name}`));
console.log(`${description.embodiment.name}: ${names.length} joints at ${rateHz} Hz,`,
  `cameras ${cameras.map((camera) => camera.name).join(", ") || "none"}`);

// Robot time on this clock: the shortest of some round trips is known best. Commands do not need it.
let shortest = Infinity;
for (let trip = 0; trip < 10; trip++) {
  const sent = process.hrtime.bigint();
  await call(clock, "Sync", { clientSendTimeNs: sent.toString() });
  shortest = Math.min(shortest, Number(process.hrtime.bigint() - sent));
}
console.log(`robot time is known to ${(shortest / 2e6).toFixed(2)} ms`);

// 2. Acquire the lease, and retain it four times in the client's deadline for as long as this program lives.
const { lease } = await call(leases, "Acquire", { clientName: `node example, process ${process.pid}` });
let failure = null;
const fail = (error) => { failure ??= error; };
const deadlineS = description.clientDeadlineS || description.leaseDurationS;
const retaining = setInterval(() => call(leases, "Retain", { lease }).catch(fail), deadlineS * 250);

// 3. Every control tick, as a stream. The newest one is what each chunk answers.
let { joints } = (await call(robot, "GetState")).state;
const start = joints;
const farthest = names.map(() => 0); // measured, from the start
const away = (joint) => Math.abs(joints.position[joint] - start.position[joint]);
const states = robot.StreamState({}).on("error", fail).on("data", (state) => {
  joints = state.joints;
  moved.forEach((joint) => { farthest[joint] = Math.max(farthest[joint], away(joint)); });
});

// 4. Commands: one stream, open for as long as the robot moves; answers come in the order of the chunks.
const unanswered = [];
const commands = robot.StreamCommands()
  .on("data", (answer) => unanswered.shift().resolve(answer))
  .on("error", (error) => { fail(error); unanswered.splice(0).forEach(({ reject }) => reject(error)); });

/** All joints, `seconds` into the motion: those that move go out and back, smoothly, away from their upper limit. */
const targets = (seconds) => start.target.map((position, joint) => {
  const phase = Math.min(Math.max(seconds / SWING_S, 0), 1);
  const share = moved.includes(joint) ? (1 - Math.cos(2 * Math.PI * phase)) / 2 : 0;
  return position + share * SWING * (position + SWING < upper[joint] ? 1 : -1);
});

const roundTrips = [];
// Half a second ahead, so that no part of the motion is past when the first chunk arrives.
const begin = BigInt(joints.timeNs) + 500_000_000n;
try {
  for (let id = 1; !failure; id++) {
    // A chunk starts at the tick that it answers, never at a guess of when it arrives: steps that were executed
    // meanwhile are skipped, and so every chunk is a window on the same motion.
    const answered = joints;
    const seconds = Number(BigInt(answered.timeNs) - begin) / 1e9;
    if (seconds > SWING_S + SETTLE_S) break;
    const positions = Array.from({ length: CHUNK_STEPS }, (_, step) => targets(seconds + step / rateHz)).flat();
    const sent = performance.now();
    commands.write({ requestId: id, lease, chunk: {
      positions: { steps: CHUNK_STEPS, dimension: names.length, positions },
      startTimeNs: answered.timeNs,
      periodNs: 1e9 / rateHz,
      clockId: description.clockId,
      fingerprint: description.embodiment.interfaceFingerprint,
      chunkId: id,
    } });
    const answer = await new Promise((resolve, reject) => unanswered.push({ resolve, reject }));
    if (LATE.includes(answer.status.code)) continue; // this program was held up: look again, decide again
    if (answer.status.code !== "STATUS_CODE_OK") throw new Error(`chunk ${id}: ${answer.status.message}`);
    // The robot takes commands at the start of its ticks; that wait is no time of the wire.
    roundTrips.push(performance.now() - sent - Number(answer.waitedNs) / 1e6);
    await sleep(250); // a chunk lasts a second: long before it ends the next one follows
  }
  await call(robot, "Hold", { lease });
  await sleep(500);
} catch (error) {
  fail(error);
}

// 5. Give the robot back, whatever happened. It holds.
clearInterval(retaining);
commands.end();
states.removeAllListeners("error").on("error", () => {}).cancel();
await call(leases, "Return", { lease }).catch(fail);

for (const joint of moved) {
  console.log(`${names[joint]}: went ${farthest[joint].toFixed(4)} rad, came back to within ${away(joint).toFixed(4)}`);
  if (farthest[joint] < 0.8 * SWING || away(joint) > 0.2 * SWING) fail(new Error(`${names[joint]} moved otherwise`));
}
roundTrips.sort((a, b) => a - b);
const [median, longest] = [roundTrips[roundTrips.length >> 1], roundTrips.at(-1)].map((ms) => ms?.toFixed(2));
console.log(`${roundTrips.length} chunks, round trip median ${median} ms, longest ${longest} ms`);
if (failure) throw failure;
process.exit(0);
