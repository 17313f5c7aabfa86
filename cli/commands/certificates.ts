import { both, UsageError, type Answer } from '../answer.js';
import { addCommand, type Call, type Group } from '../command.js';
import { inWords } from '../local.js';
import { option } from '../words.js';

interface CertificateOptions {
  readonly hosts: string;
  readonly days: string;
}

/** `certificates`: a certification authority and certificates for a trial. */
export const certificates: Group = (program) => {
  addCommand<CertificateOptions>(program, {
    name: 'certificates',
    zh: '试用证书,不可用于正式运行',
    en: 'certificates for a trial; not for production',
    arguments: [
      {
        name: '<directory>',
        zh: '存放目录,其中的签发机构会再次使用',
        en: 'where they are kept; its authority is used again',
      },
      {
        name: '<names...>',
        zh: '角色:代码,如 node:330000 department:330000000M660',
        en: 'role:code, such as node:330000 department:330000000M660',
      },
    ],
    options: [
      option('--hosts <list>', '节点的主机名或地址', 'names by which nodes are called').default(
        'localhost,127.0.0.1',
      ),
      option('--days <number>', '有效天数', 'days that they hold').default('90'),
    ],
    local: true,
    run: make,
  });
};

async function make({ args, options }: Call<CertificateOptions>): Promise<Answer> {
  const [directory = '', ...names] = args;
  const { issueInto, LONGEST_DAYS } = await import('../../trial/issue.js');
  const orders = names.map(orderOf);
  const days = Number(options.days);
  if (!(days > 0 && days <= LONGEST_DAYS))
    throw new UsageError(`--days 应为 1 至 ${LONGEST_DAYS}`, `--days is 1 to ${LONGEST_DAYS}`);
  const hosts = options.hosts.split(',').map((host) => host.trim());
  const { authority, issued } = await inWords(() => issueInto(directory, orders, { hosts, days }));
  return {
    json: { authority, certificates: issued.map((one) => ({ ...one })) },
    text: [
      `${both('签发机构', 'authority')}  ${authority}`,
      ...issued.map(
        ({ role, code, certificate, key, sha256 }) =>
          `${role}:${code}  ${certificate}  ${key}\n  SHA-256 ${sha256}`,
      ),
    ].join('\n'),
  };
}

function orderOf(text: string): { role: string; code: string } {
  const [, role = '', code = ''] =
    /^(node|registry|department|business|administrator):(.+)$/u.exec(text) ?? [];
  if (role !== '') return { role, code };
  throw new UsageError(
    `${text} 应为 角色:代码,如 node:330000`,
    `${text} should be role:code, such as node:330000`,
  );
}
