import { readFileSync } from 'node:fs';

// Loaded before the hub by the chaos run alone: the clock of a node is the machine's, moved by the
// milliseconds that stand in a file. The hub itself has no hook for it.

const LOOK_EVERY_MS = 200;
const file = process.env['CHAOS_CLOCK_FILE'] ?? '';
const RealDate = Date;
let offsetMs = 0;

function look() {
  try {
    offsetMs = Number(readFileSync(file, 'utf8')) || 0;
  } catch {
    // Between two writes the file may be away: the offset stays.
  }
}

look();
setInterval(look, LOOK_EVERY_MS).unref();

const now = () => RealDate.now() + offsetMs;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  apply: () => new RealDate(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});
