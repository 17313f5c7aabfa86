"""A province's client in another language: grpcio and the descriptors, nothing of the hub's own code.

Usage: client.py ADDRESS IMAGE < REQUESTS. IMAGE is what `buf build` writes. Each line of standard
input is {"method": "package.Service/Method", "request": {...}}; each line of standard output is the
answer, or the error with its details.
"""

import json
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory


def load_pool(path):
    files = descriptor_pb2.FileDescriptorSet()
    with open(path, "rb") as image:
        files.ParseFromString(image.read())
    pool = descriptor_pool.DescriptorPool()
    waiting = list(files.file)
    while waiting:
        # A file can be added once everything it imports is there.
        for file in list(waiting):
            try:
                pool.Add(file)
            except TypeError:
                continue
            waiting.remove(file)
    return pool


def message_class(pool, factory, name):
    return factory.GetPrototype(pool.FindMessageTypeByName(name))


def error_details(pool, factory, error):
    for key, value in error.trailing_metadata() or []:
        if key != "grpc-status-details-bin":
            continue
        status = message_class(pool, factory, "google.rpc.Status")()
        status.ParseFromString(value)
        return [json_format.MessageToDict(detail, descriptor_pool=pool) for detail in status.details]
    return []


def main(address, image):
    pool = load_pool(image)
    factory = message_factory.MessageFactory(pool)
    channel = grpc.insecure_channel(address)
    for line in sys.stdin:
        asked = json.loads(line)
        service_name, method_name = asked["method"].split("/")
        method = pool.FindServiceByName(service_name).methods_by_name[method_name]
        request = json_format.ParseDict(
            asked["request"], factory.GetPrototype(method.input_type)(), descriptor_pool=pool
        )
        call = channel.unary_unary(
            "/" + asked["method"],
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=factory.GetPrototype(method.output_type).FromString,
        )
        try:
            answer = call(request, timeout=10)
            print(json.dumps({"answer": json_format.MessageToDict(answer, descriptor_pool=pool)}))
        except grpc.RpcError as error:
            details = error_details(pool, factory, error)
            print(json.dumps({"code": error.code().name, "details": details}))
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
