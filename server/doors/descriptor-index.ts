import {
  toBinary,
  type DescEnum,
  type DescExtension,
  type DescFile,
  type DescMessage,
} from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';

/** Files of descriptors, to be found by what is in them. Names carry no leading dot. */
export interface DescriptorIndex {
  /** By path, such as `zhengzhao/v1/exchange.proto`. */
  readonly byPath: ReadonlyMap<string, DescFile>;
  /** By full name of a message, field, enum, enum value, service or method. */
  readonly bySymbol: ReadonlyMap<string, DescFile>;
  /** Extensions of a message, by its full name and their number. */
  readonly extensions: ReadonlyMap<string, ReadonlyMap<number, DescFile>>;
}

/** Indexes the files and all they import. */
export function indexDescriptors(files: readonly DescFile[]): DescriptorIndex {
  const byPath = new Map<string, DescFile>();
  const bySymbol = new Map<string, DescFile>();
  const extensions = new Map<string, Map<number, DescFile>>();
  for (const file of files.flatMap(withDependencies)) {
    if (byPath.has(file.proto.name)) continue;
    byPath.set(file.proto.name, file);
    for (const symbol of symbolsOf(file)) bySymbol.set(symbol, file);
    for (const extension of extensionsOf(file)) addExtension(extensions, extension, file);
  }
  return { byPath, bySymbol, extensions };
}

/** The file and what it imports, encoded, itself first. */
export function encodeFiles(file: DescFile): Uint8Array[] {
  return [...new Set(withDependencies(file))].map(({ proto }) =>
    toBinary(FileDescriptorProtoSchema, proto),
  );
}

function withDependencies(file: DescFile): DescFile[] {
  return [file, ...file.dependencies.flatMap(withDependencies)];
}

function symbolsOf(file: DescFile): string[] {
  const services = file.services.flatMap(({ typeName, methods }) => [
    typeName,
    ...methods.map((method) => `${typeName}.${method.name}`),
  ]);
  const extensions = extensionsOf(file).map(({ typeName }) => typeName);
  return [
    ...services,
    ...file.messages.flatMap(symbolsOfMessage),
    ...file.enums.flatMap(symbolsOfEnum),
    ...extensions,
  ];
}

function symbolsOfMessage(message: DescMessage): string[] {
  return [
    message.typeName,
    ...message.fields.map((field) => `${message.typeName}.${field.name}`),
    ...message.nestedMessages.flatMap(symbolsOfMessage),
    ...message.nestedEnums.flatMap(symbolsOfEnum),
  ];
}

/** The values of an enum are named beside it, not inside it. */
function symbolsOfEnum(desc: DescEnum): string[] {
  const scope = desc.typeName.split('.').slice(0, -1);
  return [desc.typeName, ...desc.values.map((value) => [...scope, value.name].join('.'))];
}

function extensionsOf(file: DescFile): DescExtension[] {
  const nested = (message: DescMessage): DescExtension[] => [
    ...message.nestedExtensions,
    ...message.nestedMessages.flatMap(nested),
  ];
  return [...file.extensions, ...file.messages.flatMap(nested)];
}

function addExtension(
  extensions: Map<string, Map<number, DescFile>>,
  { extendee, number }: DescExtension,
  file: DescFile,
): void {
  const numbers = extensions.get(extendee.typeName) ?? new Map<number, DescFile>();
  extensions.set(extendee.typeName, numbers.set(number, file));
}
