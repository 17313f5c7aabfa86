/** The environment does not make a configuration; the message names every problem at once. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(['配置有误 · the configuration is not valid:', ...problems].join('\n  - '));
    this.name = 'ConfigError';
  }
}
