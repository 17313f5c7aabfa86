import { toJson } from '@bufbuild/protobuf';
import { DataCenter, GetCallerResponseSchema } from '#gen/zhengzhao/v1/data_center_pb.js';
import type { Answer } from '../answer.js';
import { addCommand, type Call, type Group } from '../command.js';
import { factsOf } from '../table.js';

/** `whoami`: what a node takes the caller for. */
export const whoami: Group = (program) => {
  addCommand<object>(program, {
    name: 'whoami',
    zh: '当前身份:节点认定的角色和名称',
    en: 'role and name that the node knows the caller by',
    run: showCaller,
  });
};

async function showCaller({ hub }: Call<object>): Promise<Answer> {
  const answer = await hub.client(DataCenter).getCaller({});
  return {
    json: toJson(GetCallerResponseSchema, answer, { alwaysEmitImplicit: true }),
    text: factsOf([
      ['节点 node', answer.node],
      ['角色 role', `${answer.roleZh} ${answer.role}`],
      ['名称 name', answer.code],
    ]),
  };
}
