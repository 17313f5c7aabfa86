import type { DescMessage } from '@bufbuild/protobuf';
import type { Field } from './field.js';

/** A message of the contract with all its fields, in the order of the `.proto` file. */
export interface Entry {
  readonly message: DescMessage;
  readonly fields: readonly Field[];
}
