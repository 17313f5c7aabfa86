import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { HubError } from '../domain/errors.js';
import { errorFinding } from '../domain/finding.js';

/** The value of a field that a request must have. Throws VALIDATION_FAILED when it is not there. */
export function required<T>(value: T | undefined, field: string): T {
  if (value !== undefined && value !== '') return value;
  const text = { zh: `缺少 ${field}。`, en: `${field} is missing.` };
  throw new HubError(ErrorReason.VALIDATION_FAILED, text, {
    findings: [errorFinding('VR10', field, 'REQUIRED', text)],
  });
}
