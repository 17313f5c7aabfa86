import type { DescFile } from '@bufbuild/protobuf';
import { Code } from '#gen/google/rpc/code_pb.js';
import {
  file_grpc_reflection_v1_reflection,
  ServerReflection,
  type ServerReflectionRequest,
} from '#gen/grpc/reflection/v1/reflection_pb.js';
import {
  file_grpc_reflection_v1alpha_reflection,
  ServerReflection as ServerReflectionAlpha,
} from '#gen/grpc/reflection/v1alpha/reflection_pb.js';
import { encodeFiles, indexDescriptors, type DescriptorIndex } from './descriptor-index.js';
import { bindService, type BoundService } from './service.js';

/**
 * gRPC reflection v1 and v1alpha for the given services: what `grpcurl` and `buf curl` read the
 * contract from. `alsoFiles` are files no service imports, such as those of error details.
 */
export function createReflection(
  services: readonly BoundService[],
  alsoFiles: readonly DescFile[] = [],
): BoundService[] {
  const described = services.map(({ service }) => service);
  const own = [file_grpc_reflection_v1_reflection, file_grpc_reflection_v1alpha_reflection];
  const index = indexDescriptors([...described.map(({ file }) => file), ...own, ...alsoFiles]);
  const names = [...described, ServerReflection, ServerReflectionAlpha]
    .map((s) => s.typeName)
    .sort();
  return [
    bindService(ServerReflection, {
      async *serverReflectionInfo(requests) {
        for await (const request of requests) yield answer(index, names, request);
      },
    }),
    bindService(ServerReflectionAlpha, {
      async *serverReflectionInfo(requests) {
        for await (const request of requests) yield answer(index, names, request);
      },
    }),
  ];
}

/** The two versions differ in their package name only. */
interface Request {
  readonly host: string;
  readonly messageRequest: ServerReflectionRequest['messageRequest'] | AlphaQuestion;
}

type AlphaQuestion = {
  readonly case: 'fileContainingExtension';
  readonly value: { readonly containingType: string; readonly extensionNumber: number };
};

function answer<R extends Request>(index: DescriptorIndex, names: readonly string[], request: R) {
  const messageResponse = answerQuestion(index, names, request.messageRequest);
  return { validHost: request.host, originalRequest: request, messageResponse };
}

function answerQuestion(
  index: DescriptorIndex,
  names: readonly string[],
  question: Request['messageRequest'],
) {
  switch (question.case) {
    case 'listServices':
      return {
        case: 'listServicesResponse' as const,
        value: { service: names.map((name) => ({ name })) },
      };
    case 'fileByFilename':
      return answerFile(index.byPath.get(question.value), question.value);
    case 'fileContainingSymbol': {
      const symbol = question.value.replace(/^\./, '');
      return answerFile(index.bySymbol.get(symbol), symbol);
    }
    case 'fileContainingExtension': {
      const { containingType, extensionNumber } = question.value;
      const file = index.extensions.get(containingType)?.get(extensionNumber);
      return answerFile(file, `${containingType}:${extensionNumber}`);
    }
    case 'allExtensionNumbersOfType':
      return answerExtensions(index, question.value);
    default:
      return failure(Code.INVALID_ARGUMENT, '请求为空 / the request asks nothing');
  }
}

function answerFile(file: DescFile | undefined, asked: string) {
  if (file === undefined) return failure(Code.NOT_FOUND, `未找到 / not found: ${asked}`);
  return {
    case: 'fileDescriptorResponse' as const,
    value: { fileDescriptorProto: encodeFiles(file) },
  };
}

function answerExtensions(index: DescriptorIndex, typeName: string) {
  if (!index.bySymbol.has(typeName)) {
    return failure(Code.NOT_FOUND, `未找到 / not found: ${typeName}`);
  }
  const extensionNumber = [...(index.extensions.get(typeName)?.keys() ?? [])];
  return {
    case: 'allExtensionNumbersResponse' as const,
    value: { baseTypeName: typeName, extensionNumber },
  };
}

function failure(errorCode: Code, errorMessage: string) {
  return { case: 'errorResponse' as const, value: { errorCode, errorMessage } };
}
