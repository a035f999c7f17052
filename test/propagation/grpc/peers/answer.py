"""What "calls serve" is, with the C core: answers each call with what has arrived. python answer.py"""

import hashlib
import json
from concurrent import futures

import grpc


class Answer(grpc.GenericRpcHandler):
    def service(self, details):
        def answer(messages, _context):
            arrived = list(messages)
            metadata = {}
            for key, value in details.invocation_metadata:
                metadata.setdefault(key, []).append(value)
            yield json.dumps(
                {
                    "Method": details.method,
                    "Metadata": metadata,
                    "Messages": len(arrived),
                    "Bytes": sum(map(len, arrived)),
                    "Hash": hashlib.sha256(b"".join(arrived)).hexdigest(),
                }
            ).encode()

        return grpc.stream_stream_rpc_method_handler(answer)


server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
server.add_generic_rpc_handlers([Answer()])
port = server.add_insecure_port("127.0.0.1:0")
server.start()
print(f"127.0.0.1:{port}", flush=True)
server.wait_for_termination()
