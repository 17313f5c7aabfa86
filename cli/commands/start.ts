import type { Announcements } from '../../server/run-node.js';
import type { Answer, ExitCode } from '../answer.js';
import { addCommand, type Call, type Group } from '../command.js';
import { option } from '../words.js';

interface StartOptions {
  readonly region?: string;
  readonly port?: string;
  readonly dataDir?: string;
}

/** `start`: runs a node until Ctrl-C, as `npm start` does. */
export const start: Group = (program) => {
  addCommand<StartOptions>(program, {
    name: 'start',
    zh: '启动节点(按 HUB_* 环境变量),Ctrl-C 停止',
    en: 'runs a node (as the HUB_* variables say) until Ctrl-C',
    options: [
      option('--region <code>', '节点代码,同 HUB_REGION', 'code of the node, as HUB_REGION'),
      option('--port <port>', '端口,同 HUB_PORT', 'port, as HUB_PORT'),
      option(
        '--data-dir <dir>',
        '数据目录,同 HUB_DATA_DIR',
        'directory of the data, as HUB_DATA_DIR',
      ),
    ],
    local: true,
    run: startHere,
  });
};

/** The server is loaded for this command only: the others start faster, and need no server. */
async function startHere({ options, json }: Call<StartOptions>): Promise<Answer> {
  const { runNode } = await import('../../server/run-node.js');
  const { announcements } = await import('../../server/welcome.js');
  const env = { ...process.env, ...variablesOf(options) };
  const code: ExitCode = await runNode(env, json ? jsonAnnouncements : announcements);
  // Timers of a node that did not start would keep the process.
  process.exit(code);
}

function variablesOf({ region, port, dataDir }: StartOptions): Record<string, string> {
  const given = { HUB_REGION: region, HUB_PORT: port, HUB_DATA_DIR: dataDir };
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** One line when it listens; a program waits for it. */
const jsonAnnouncements: Announcements = {
  ready: ({ port, config, catalogVersion, catalogProvisional }) => {
    const { node, level, host } = config;
    const told = { node, level, address: `${host}:${port}`, catalogVersion, catalogProvisional };
    process.stdout.write(`${JSON.stringify(told)}\n`);
  },
  stopping: () => undefined,
};
