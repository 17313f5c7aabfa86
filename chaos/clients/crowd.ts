import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../random.js';
import type { Authorities } from './authorities.js';
import { Enterprise } from './enterprise.js';
import type { Letter } from './letter.js';
import { packParcels } from './parcel.js';
import type { Correspondence } from './sender.js';

/** Enterprises that a client looks after at once. */
const IN_HAND = 8;
/** Enterprises whose messages a client that sends batches sends at once, one of each. */
const LOAD = 100;
/** Messages after which an enterprise is left alone and another one begins. */
const LIFE = 30;
/** Every so often a client does not wait for its answer and gives the enterprise up. */
const GIVES_UP_ONCE_IN = 150;
const PATIENCE_MS = 20;
const THINKING_MS = 60;

/** What the clients share. */
export interface CrowdParts {
  readonly correspondence: Correspondence;
  readonly authorities: Authorities;
  readonly random: Random;
  /** From here on nothing new is begun; what was begun is sent until it is answered. */
  readonly closing: AbortSignal;
  /** The end, answered or not. */
  readonly ended: AbortSignal;
}

/** How many clients there are of each kind. */
export interface Attendance {
  /** They look after a few enterprises and send one message a call. */
  readonly clients: number;
  /** They look after many enterprises and send batches and streams. */
  readonly batchers: number;
}

/** Lets many clients live at once; resolves when the last one has its answer. */
export async function letLive(attendance: Attendance, parts: CrowdParts): Promise<void> {
  let numbers = 0;
  const { authorities } = parts;
  const of = (count: number, live: typeof liveAlone): Promise<void>[] =>
    Array.from({ length: count }, () => {
      const random = parts.random.fork();
      return live(() => new Enterprise((numbers += 1), authorities, random), random, parts);
    });
  await Promise.all([...of(attendance.clients, liveAlone), ...of(attendance.batchers, liveByLoad)]);
}

async function liveAlone(
  begin: () => Enterprise,
  random: Random,
  parts: CrowdParts,
): Promise<void> {
  const inHand: Enterprise[] = [];
  while (!parts.closing.aborted) {
    await pause(random.between(0, THINKING_MS));
    while (inHand.length < IN_HAND) inHand.push(begin());
    const enterprise = random.pick(inHand);
    const goesOn = await liveOneStep(enterprise, random, parts);
    if (!goesOn || enterprise.length >= LIFE) inHand.splice(inHand.indexOf(enterprise), 1);
  }
}

async function liveByLoad(
  begin: () => Enterprise,
  random: Random,
  parts: CrowdParts,
): Promise<void> {
  let load: Enterprise[] = [];
  while (!parts.closing.aborted) {
    await pause(random.between(0, THINKING_MS));
    while (load.length < LOAD) load.push(begin());
    const letters = new Map(load.map((enterprise) => [enterprise.next(), enterprise]));
    const accepted = await sendLoad([...letters.keys()], random, parts);
    load = [...letters]
      .filter(([letter, { length }]) => accepted.has(letter) && length < LIFE)
      .map(([, enterprise]) => enterprise);
  }
}

/** Resolves to what was accepted. */
async function sendLoad(
  letters: readonly Letter[],
  random: Random,
  { correspondence, ended }: CrowdParts,
): Promise<ReadonlySet<Letter>> {
  const changes = letters.filter(({ content }) => content.kind === 'change');
  const accepted = await Promise.all([
    ...packParcels(letters, random.onceIn(2)).map(async (parcel) => {
      const taken = await correspondence.sendTogether(parcel, random, ended);
      if (!ended.aborted && random.onceIn(15))
        await Promise.all([1, 2].map(() => correspondence.sendTogether(parcel, random, ended)));
      return [...taken];
    }),
    ...changes.map(async (letter) =>
      (await correspondence.send(letter, random, ended)) ? [letter] : [],
    ),
  ]);
  return new Set(accepted.flat());
}

/** False: the client does not know what became of its message, and sends no more for this enterprise. */
async function liveOneStep(
  enterprise: Enterprise,
  random: Random,
  { correspondence, ended }: CrowdParts,
): Promise<boolean> {
  const again = random.onceIn(8) ? enterprise.earlier() : undefined;
  const letter = again ?? enterprise.next();
  const impatient = again === undefined && random.onceIn(GIVES_UP_ONCE_IN);
  const signal = impatient ? AbortSignal.timeout(random.between(1, PATIENCE_MS)) : ended;
  const answered = await correspondence.send(letter, random, signal);
  // Now and then both of two identical requests are under way at the same moment.
  if (answered && random.onceIn(20))
    await Promise.all([1, 2].map(() => correspondence.send(letter, random, ended)));
  return answered;
}
