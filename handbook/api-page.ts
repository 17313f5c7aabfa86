import type { DescEnum, DescField, DescMessage, DescMethod, DescService } from '@bufbuild/protobuf';
import { ScalarType } from '@bufbuild/protobuf';
import { commentOf, PACKAGE, type Contract } from './contract.js';
import { anchorOf, MADE, tableOf } from './markdown.js';

const KINDS: Readonly<Record<DescMethod['methodKind'], string>> = {
  unary: '',
  server_streaming: '应答流 streams answers',
  client_streaming: '请求流 streams requests',
  bidi_streaming: '双向流 streams both ways, gRPC only',
};

/** The contract as a reference: every call, message, field and value with its comment. */
export function apiPage({ services, messages, enums }: Contract): string {
  return [
    MADE,
    '# 接口参考 · API reference',
    `包 \`${PACKAGE}\`,由 [proto/](../proto/zhengzhao/v1) 生成。gRPC、Connect、gRPC-Web 和 JSON 共用一个端口;` +
      'JSON 以 POST 方法向 `/zhengzhao.v1.服务名/方法名` 发送,另有 [OpenAPI 文档](openapi.json)。',
    `Package \`${PACKAGE}\`, made from [proto/](../proto/zhengzhao/v1). One port for gRPC, Connect, gRPC-Web and JSON; ` +
      'JSON is a POST to `/zhengzhao.v1.Service/Method`, described by [an OpenAPI document](openapi.json) too.',
    ...services.map(serviceSection),
    '## 消息 · Messages',
    ...messages.map(messageSection),
    '## 枚举 · Enums',
    ...enums.map(enumSection),
  ].join('\n\n');
}

function serviceSection(service: DescService): string {
  const rows = service.methods.map((method) => [
    `\`${method.name}\``,
    link(method.input),
    link(method.output),
    [commentOf(method), KINDS[method.methodKind]].filter((text) => text !== '').join(' '),
  ]);
  const table = tableOf(['方法 RPC', '请求 request', '应答 response', '说明'], rows);
  return [`## ${service.name}`, commentOf(service), table].join('\n\n');
}

function messageSection(message: DescMessage): string {
  const rows = message.fields.map((field) => [
    `\`${field.name}\``,
    typeOf(field),
    `${field.oneof ? `其一 one of \`${field.oneof.name}\`. ` : ''}${commentOf(field)}`,
  ]);
  const fields = rows.length === 0 ? [] : [tableOf(['字段 field', '类型 type', '说明'], rows)];
  return [`### ${nameOf(message)}`, commentOf(message), ...fields].join('\n\n');
}

function enumSection(desc: DescEnum): string {
  const rows = desc.values.map((value) => [
    String(value.number),
    `\`${value.name}\``,
    commentOf(value),
  ]);
  const table = tableOf(['值', '名称 name', '说明'], rows);
  return [`### ${desc.name}`, commentOf(desc), table].join('\n\n');
}

function typeOf(field: DescField): string {
  switch (field.fieldKind) {
    case 'list':
      return `${elementOf(field)} []`;
    case 'map':
      return `map ${ScalarType[field.mapKey].toLowerCase()} → ${elementOf(field)}`;
    default:
      return elementOf(field);
  }
}

function elementOf({ message, enum: desc, scalar }: DescField): string {
  if (message) return link(message);
  if (desc) return link(desc);
  return scalar === undefined ? '' : ScalarType[scalar].toLowerCase();
}

/** Types of others are named in full. */
function link(desc: DescMessage | DescEnum): string {
  if (!desc.typeName.startsWith(`${PACKAGE}.`)) return `\`${desc.typeName}\``;
  const name = nameOf(desc);
  return `[${name}](${anchorOf(name.replaceAll('.', ''))})`;
}

function nameOf({ typeName }: DescMessage | DescEnum): string {
  return typeName.slice(PACKAGE.length + 1);
}
