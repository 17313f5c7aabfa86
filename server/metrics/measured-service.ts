import type { BoundService } from '../doors/service.js';
import { watched } from '../doors/watched-service.js';

/** Who is told of calls. */
export interface CallObserver {
  /** A call ended; `result` is OK or the name of an ErrorReason. */
  called(service: string, method: string, door: string, result: string, seconds: number): void;
}

/** The service with every call timed, whichever door it comes through; a stream counts when it ends. */
export function measured(bound: BoundService, observer: CallObserver): BoundService {
  const { typeName } = bound.service;
  return watched(bound, ({ name }, { door }) => {
    const startedAt = performance.now();
    return {
      ended: (result) => {
        const seconds = (performance.now() - startedAt) / 1000;
        observer.called(typeName, name, door, result, seconds);
      },
    };
  });
}
