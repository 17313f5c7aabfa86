import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort } from './nodes.js';

const SSHD = '/usr/sbin/sshd';

/** Whether an SFTP server can be started; CI must have one, elsewhere it depends on the machine. */
export const hasSshd = existsSync(SSHD);

if (!hasSshd && process.env['CI'])
  throw new Error('CI must have openssh-server: packages leave by SFTP too.');

/** An OpenSSH server of a test's own that offers nothing but SFTP, to whoever runs the test. */
export interface TestSshd {
  readonly port: number;
  readonly user: string;
  /** `SHA256:…` of its host key. */
  readonly fingerprint: string;
  /** File of the private key by which the user may log on. */
  readonly keyFile: string;
  /** Connections that are open go on; no new one is taken. */
  stop(): Promise<void>;
}

/** Makes a key pair without passphrase; the file of the private one. */
export function makeKey(directory: string, name: string): string {
  const file = join(directory, name);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file]);
  return file;
}

function fingerprintOf(keyFile: string): string {
  const shown = execFileSync('ssh-keygen', ['-l', '-f', `${keyFile}.pub`], { encoding: 'utf8' });
  return shown.split(' ')[1] ?? '';
}

/** Starts one on a free port of the loopback, with keys and files in a directory of its own. */
export async function startSshd(): Promise<TestSshd> {
  const directory = await mkdtemp(join(tmpdir(), 'zhengzhao-sshd-'));
  const { username: user, uid } = userInfo();
  // Where root runs it, it insists on this directory, which otherwise the service's start makes.
  if (uid === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const hostKey = makeKey(directory, 'host');
  const keyFile = makeKey(directory, 'user');
  const port = await freePort();
  const config = join(directory, 'sshd_config');
  await writeFile(
    config,
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${keyFile}.pub`,
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin prohibit-password',
      'PasswordAuthentication no',
      'Subsystem sftp internal-sftp',
      'ForceCommand internal-sftp',
      '',
    ].join('\n'),
  );
  const server = spawn(SSHD, ['-D', '-e', '-f', config], { stdio: 'ignore' });
  const gone = new Promise((resolve) => server.once('exit', resolve));
  await eventually(() => reach(port));
  return {
    port,
    user,
    fingerprint: fingerprintOf(hostKey),
    keyFile,
    stop: async () => {
      server.kill('SIGTERM');
      await gone;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function reach(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve();
    });
    socket.on('error', reject);
  });
}
