import { toJson, toBinary, type DescMethod } from '@bufbuild/protobuf';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { ScopeCatalog } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { createGrpcClient } from '/work/main/clients/grpc.js';
import { createConnectClient } from '/work/main/clients/connect.js';
import { startTestNode, type TestNode } from '/work/main/test/support/nodes.js';
import { samplesOf } from '/work/main/test/support/request-samples.js';
import { wildCopies } from '/work/main/test/support/leaves.js';
let node: TestNode;
beforeAll(async () => { node = await startTestNode({}); });
afterAll(() => node.stop());
const WILD = { strings: ['\0', 'a\u0000b', '\ud800', '字'.repeat(70000), '%_\\'], int32s: [-1, -2147483648, 2147483647], int64s: [-1n, 9223372036854775807n], enums: [0, 99, -1, 2147483647] };
for (const service of [ScopeCatalog, Registration, Exchange, DataCenter])
 for (const method of service.methods) if (method.methodKind==='unary')
  it(`${method.name}`, async () => {
    const g = createGrpcClient(service, node.address) as any;
    const j = createConnectClient(service, `http://${node.address}`, {json: true}) as any;
    const bad = new Map<string, number>(); let n = 0; const t0=Date.now();
    for (const sample of samplesOf(method)) {
      await g[method.localName](sample).then((a:any)=>console.log(method.name,'sample OK'), (e:any)=>console.log(method.name,'sample', e.message?.slice(0,150), e.findings?.map((f:any)=>f.field+f.code).join()));
      for (const { what, copy } of wildCopies(method.input, sample as never, WILD))
      for (const [door, c] of [['grpc', g], ['json', j]] as const) {
        n++;
        try {
          const a = await c[method.localName](copy);
          const t = JSON.stringify(a, (k,v)=> typeof v==='bigint'? String(v): v);
          if (/"reason":16[,}]/.test(t)) bad.set(`${door} ${what}: refusal INTERNAL`, 1);
        } catch (e: any) {
          if (['INTERNAL','UNKNOWN','UNAVAILABLE','DEADLINE_EXCEEDED'].includes(e.codeName) || !e.codeName) bad.set(`${door} ${what}: ${e.codeName} ${String(e.message).slice(0,100)}`, 1);
        }
      }
    }
    g.close();
    console.log(method.name, n, Date.now()-t0, 'ms', [...bad.keys()].join('\n   '));
  }, 120000);
