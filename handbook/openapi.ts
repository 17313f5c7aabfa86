import { ScalarType, type DescField, type DescMessage, type DescMethod } from '@bufbuild/protobuf';
import { commentOf, PACKAGE, type Contract } from './contract.js';

/** JSON Schema, as OpenAPI 3.1 uses it. */
type Schema = Readonly<Record<string, unknown>>;

const WELL_KNOWN: Readonly<Record<string, Schema>> = {
  'google.protobuf.Timestamp': { type: 'string', format: 'date-time' },
  'google.protobuf.Duration': { type: 'string', pattern: String.raw`^-?\d+(\.\d+)?s$` },
};

/** Numbers that JSON can't hold exactly are texts; both are taken. */
const INT64: Schema = { type: ['string', 'integer'], pattern: String.raw`^-?\d+$` };
const INT32: Schema = { type: 'integer', format: 'int32' };
const NUMBER: Schema = { type: 'number' };

const SCALARS: Readonly<Record<ScalarType, Schema>> = {
  [ScalarType.STRING]: { type: 'string' },
  [ScalarType.BOOL]: { type: 'boolean' },
  [ScalarType.BYTES]: { type: 'string', contentEncoding: 'base64' },
  [ScalarType.INT32]: INT32,
  [ScalarType.UINT32]: INT32,
  [ScalarType.SINT32]: INT32,
  [ScalarType.FIXED32]: INT32,
  [ScalarType.SFIXED32]: INT32,
  [ScalarType.INT64]: INT64,
  [ScalarType.UINT64]: INT64,
  [ScalarType.SINT64]: INT64,
  [ScalarType.FIXED64]: INT64,
  [ScalarType.SFIXED64]: INT64,
  [ScalarType.FLOAT]: NUMBER,
  [ScalarType.DOUBLE]: NUMBER,
};

/** What the JSON door answers when it refuses. */
const ERROR: Schema = {
  type: 'object',
  required: ['code'],
  properties: {
    code: { type: 'string', description: 'Status, such as invalid_argument.' },
    message: { type: 'string', description: 'Chinese, then English.' },
    details: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          type: { type: 'string', description: 'Such as google.rpc.ErrorInfo.' },
          value: { type: 'string', contentEncoding: 'base64' },
          debug: { type: 'object', description: 'The same detail as JSON.' },
        },
      },
    },
  },
};

/** The JSON door as an OpenAPI 3.1 document. Streams are offered over gRPC and Connect only. */
export function openApiDocument({ services, messages, enums }: Contract, version: string): Schema {
  const calls = services.flatMap(({ methods }) => methods).filter(isUnary);
  return {
    openapi: '3.1.0',
    info: {
      title: '证照分离数据交换中心 · zhengzhao-hub',
      version,
      description:
        'JSON 接口,由 proto/ 生成;错误见 errors.md。The JSON door, made from proto/; errors are in errors.md.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: 'http://127.0.0.1:7330', description: 'npm start' }],
    security: [{ token: [] }, { certificate: [] }, {}],
    tags: services.map((service) => ({ name: service.name, description: commentOf(service) })),
    paths: Object.fromEntries(calls.map((method) => [pathOf(method), { post: operation(method) }])),
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        certificate: { type: 'mutualTLS' },
      },
      responses: {
        Refused: {
          description: '退回 · refused',
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
        },
      },
      schemas: {
        Error: ERROR,
        ...Object.fromEntries(messages.map((one) => [nameOf(one.typeName), messageSchema(one)])),
        ...Object.fromEntries(
          enums.map((one) => [
            nameOf(one.typeName),
            {
              type: 'string',
              description: commentOf(one),
              enum: one.values.map(({ name }) => name),
            },
          ]),
        ),
      },
    },
  };
}

function isUnary({ methodKind }: DescMethod): boolean {
  return methodKind === 'unary';
}

function pathOf({ parent, name }: DescMethod): string {
  return `/${parent.typeName}/${name}`;
}

function operation(method: DescMethod): Schema {
  const body = (message: DescMessage): Schema => ({
    'application/json': { schema: reference(message.typeName) },
  });
  return {
    operationId: `${method.parent.name}_${method.name}`,
    tags: [method.parent.name],
    description: commentOf(method),
    requestBody: { required: true, content: body(method.input) },
    responses: {
      '200': { description: '应答 · answer', content: body(method.output) },
      default: { $ref: '#/components/responses/Refused' },
    },
  };
}

/** A name that the contract does not know is refused (R44). */
function messageSchema(message: DescMessage): Schema {
  return {
    type: 'object',
    description: commentOf(message),
    properties: Object.fromEntries(
      message.fields.map((field) => [
        field.jsonName,
        { ...fieldSchema(field), description: commentOf(field) },
      ]),
    ),
    additionalProperties: false,
  };
}

function fieldSchema(field: DescField): Schema {
  switch (field.fieldKind) {
    case 'list':
      return { type: 'array', items: elementSchema(field) };
    case 'map':
      return { type: 'object', additionalProperties: elementSchema(field) };
    default:
      return elementSchema(field);
  }
}

function elementSchema({ message, enum: desc, scalar }: DescField): Schema {
  if (message) return WELL_KNOWN[message.typeName] ?? reference(message.typeName);
  if (desc) return reference(desc.typeName);
  return scalar === undefined ? {} : SCALARS[scalar];
}

function reference(typeName: string): Schema {
  return { $ref: `#/components/schemas/${nameOf(typeName)}` };
}

function nameOf(typeName: string): string {
  if (!typeName.startsWith(`${PACKAGE}.`)) throw new Error(`${typeName} is not of the contract`);
  return typeName.slice(PACKAGE.length + 1);
}
