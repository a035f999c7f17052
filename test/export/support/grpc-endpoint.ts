import grpc from "@grpc/grpc-js";

export interface GrpcReceived {
  readonly metadata: grpc.Metadata;
  readonly body: Buffer;
}

export type GrpcAnswer = (callback: grpc.sendUnaryData<Buffer>) => void;

/** A real gRPC server with OTLP's trace service. */
export interface GrpcEndpoint {
  readonly port: number;
  readonly received: GrpcReceived[];
  answer: GrpcAnswer;
  close(): Promise<void>;
}

const asIs = (bytes: Buffer) => bytes;
const service = {
  export: {
    path: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    requestStream: false,
    responseStream: false,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  },
} as const;

export const acceptGrpc: GrpcAnswer = (callback) => callback(null, Buffer.of());

export function failGrpc(code: grpc.status, details: string): GrpcAnswer {
  return (callback) => callback({ code, details });
}

export async function startGrpcEndpoint(
  options: { port?: number; credentials?: grpc.ServerCredentials; answer?: GrpcAnswer } = {},
): Promise<GrpcEndpoint> {
  const server = new grpc.Server();
  const received: GrpcReceived[] = [];
  const credentials = options.credentials ?? grpc.ServerCredentials.createInsecure();
  server.addService(service, {
    export: (call: grpc.ServerUnaryCall<Buffer, Buffer>, callback: grpc.sendUnaryData<Buffer>) => {
      received.push({ metadata: call.metadata, body: call.request });
      endpoint.answer(callback);
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync(`127.0.0.1:${options.port ?? 0}`, credentials, (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  const endpoint: GrpcEndpoint = {
    port,
    received,
    answer: options.answer ?? acceptGrpc,
    close: async () => server.forceShutdown(),
  };
  return endpoint;
}
