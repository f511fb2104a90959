import InfraDown from './infra/down.js';

/** `cloudops down` */
export default class Down extends InfraDown {
  static override summary = 'remove everything of the stack, and nothing else';
  static override examples = ['<%= config.bin %> down --confirm smartcloudops-dev'];
}
