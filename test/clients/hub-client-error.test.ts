import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import {
  ErrorInfoSchema,
  LocalizedMessageSchema,
  RetryInfoSchema,
} from '#gen/google/rpc/error_details_pb.js';
import { HubClientError, type EncodedDetail } from '../../clients/hub-client-error.js';

function info(reason: string): EncodedDetail {
  const value = create(ErrorInfoSchema, { reason, metadata: { limit: '500' } });
  return {
    typeUrl: 'type.googleapis.com/google.rpc.ErrorInfo',
    value: toBinary(ErrorInfoSchema, value),
  };
}

describe('the error of a client', () => {
  test('reads reason, facts and wait, whatever stands before the type name', () => {
    const retry = create(RetryInfoSchema, { retryDelay: { seconds: 2n, nanos: 500_000_000 } });
    const error = new HubClientError(8, 'full', [
      info('BACKLOG_FULL'),
      { typeUrl: 'google.rpc.RetryInfo', value: toBinary(RetryInfoSchema, retry) },
    ]);
    expect(error).toMatchObject({
      codeName: 'RESOURCE_EXHAUSTED',
      reason: 'BACKLOG_FULL',
      metadata: { limit: '500' },
      retryAfterMs: 2500,
      message: 'BACKLOG_FULL: full',
    });
  });

  test('falls back to the plain message for a language it was not told', () => {
    const text = create(LocalizedMessageSchema, { locale: 'zh-CN', message: '已满。' });
    const detail = {
      typeUrl: 'google.rpc.LocalizedMessage',
      value: toBinary(LocalizedMessageSchema, text),
    };
    const error = new HubClientError(8, 'full', [detail]);
    expect([error.messageZh, error.messageEn]).toEqual(['已满。', 'full']);
  });

  test('has no reason when a newer hub gives one that is not known here', () => {
    expect(new HubClientError(3, 'x', [info('OF_THE_FUTURE')]).reason).toBeUndefined();
    expect(new HubClientError(3, 'x', [info('1')]).reason).toBeUndefined();
  });

  test('survives details that cannot be read, and codes that do not exist', () => {
    const broken = { typeUrl: 'google.rpc.ErrorInfo', value: new Uint8Array([0xff]) };
    const error = new HubClientError(99, 'x', [broken]);
    expect(error).toMatchObject({ codeName: 'CODE_99', reason: undefined, findings: [] });
  });
});
