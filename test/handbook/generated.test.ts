import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { METHODS } from '../support/doors.js';

const execute = promisify(execFile);

interface Document extends Record<string, unknown> {
  readonly paths: Readonly<Record<string, unknown>>;
}

function read(file: string): string {
  return readFileSync(`docs/${file}`, 'utf8');
}

describe('the generated pages', () => {
  it('are those that follow from the contract and the plan', async () => {
    const args = ['--import', 'tsx', 'handbook/main.ts', '--check'];
    await expect(execute(process.execPath, args)).resolves.toMatchObject({ stderr: '' });
  });

  it('name every reason with cause and cure in both languages', () => {
    const sections = read('errors.md').split('\n## ');
    const names = Object.values(ErrorReason).filter((name) => typeof name === 'string');
    for (const name of names.filter((one) => one !== 'UNSPECIFIED')) {
      const section = sections.find((one) => one.startsWith(`${name}\n`)) ?? '';
      expect([name, section]).toEqual([
        name,
        expect.stringMatching(/原因:.+ Cause: .+\n- 处理:.+ Cure: /),
      ]);
    }
  });

  it('are a valid OpenAPI document with every call that JSON can make', async () => {
    const document = JSON.parse(read('openapi.json')) as Document;
    const { valid, errors } = await new Validator().validate(document);
    expect([valid, errors]).toEqual([true, undefined]);
    const unary = METHODS.filter(({ methodKind }) => methodKind === 'unary');
    expect(Object.keys(document.paths).sort()).toEqual(
      unary.map(({ parent, name }) => `/${parent.typeName}/${name}`).sort(),
    );
  });
});
