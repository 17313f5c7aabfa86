import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../random.js';
import type { Authorities } from './authorities.js';
import { Enterprise } from './enterprise.js';
import type { Correspondence } from './sender.js';

/** Enterprises that a client looks after at once. */
const IN_HAND = 8;
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

/** Lets many clients live at once; resolves when the last one has its answer. */
export async function letLive(clients: number, parts: CrowdParts): Promise<void> {
  let numbers = 0;
  const client = async (random: Random): Promise<void> => {
    const inHand: Enterprise[] = [];
    const begin = (): Enterprise => new Enterprise((numbers += 1), parts.authorities, random);
    while (!parts.closing.aborted) {
      await pause(random.between(0, THINKING_MS));
      while (inHand.length < IN_HAND) inHand.push(begin());
      const enterprise = random.pick(inHand);
      const goesOn = await liveOneStep(enterprise, random, parts);
      if (!goesOn || enterprise.length >= LIFE) inHand.splice(inHand.indexOf(enterprise), 1);
    }
  };
  await Promise.all(Array.from({ length: clients }, () => client(parts.random.fork())));
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
