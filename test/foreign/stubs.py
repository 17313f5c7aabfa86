"""A registration system in Python, with the stubs that the client package makes.

Usage: stubs.py ADDRESS < REGISTRATION. Standard input is a RegistrationEvent as JSON. It is checked,
submitted twice and looked up; standard output is what was told, as JSON.
"""

import json
import sys

import grpc
from google.protobuf import json_format
from zhengzhao.v1 import error_reason_pb2, registration_event_pb2, registration_pb2, registration_pb2_grpc


def main(address):
    event = json_format.Parse(sys.stdin.read(), registration_event_pb2.RegistrationEvent())
    hub = registration_pb2_grpc.RegistrationStub(grpc.insecure_channel(address))
    check = hub.CheckRegistration(
        registration_pb2.CheckRegistrationRequest(registration=event), timeout=10
    )
    request = registration_pb2.SubmitRegistrationRequest(registration=event)
    receipts = [hub.SubmitRegistration(request, timeout=10).receipt for _ in range(2)]
    found = hub.GetEnterprise(registration_pb2.GetEnterpriseRequest(uscc=event.uscc), timeout=10)
    told = {
        "acceptable": check.acceptable,
        "receipts": [receipt.receipt_no for receipt in receipts],
        "duplicate": [receipt.duplicate for receipt in receipts],
        "name": found.enterprise.ent_name,
        "reasons": len(error_reason_pb2.ErrorReason.keys()),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1])
