import type { Register } from './define.ts';

export interface CommandEntry {
  readonly name: string;
  /** Only the command that is asked for is loaded: half of a short command's time would be other commands. */
  readonly load: () => Promise<Register>;
}

/** Adding a command: one file and one line here. */
export const COMMANDS: readonly CommandEntry[] = [
  { name: 'demo', load: async () => (await import('./demo.ts')).registerDemo },
  { name: 'search', load: async () => (await import('./search.ts')).registerSearch },
  { name: 'read', load: async () => (await import('./read.ts')).registerRead },
  { name: 'replace', load: async () => (await import('./replace.ts')).registerReplace },
  { name: 'index', load: async () => (await import('./index-library.ts')).registerIndex },
  { name: 'update', load: async () => (await import('./update.ts')).registerUpdate },
  { name: 'serve', load: async () => (await import('./serve.ts')).registerServe },
  { name: 'key', load: async () => (await import('./key.ts')).registerKey },
  { name: 'embed', load: async () => (await import('./embed.ts')).registerEmbed },
  { name: 'bundle', load: async () => (await import('./bundle.ts')).registerBundle },
  { name: 'train', load: async () => (await import('./train.ts')).registerTrain },
  { name: 'join', load: async () => (await import('./join.ts')).registerJoin },
  { name: 'calibrate', load: async () => (await import('./calibrate.ts')).registerCalibrate },
  { name: 'mine', load: async () => (await import('./mine.ts')).registerMine },
  { name: 'evaluate', load: async () => (await import('./evaluate.ts')).registerEvaluate },
  { name: 'probe', load: async () => (await import('./probe.ts')).registerProbe },
  { name: 'plan', load: async () => (await import('./plan.ts')).registerPlan },
  { name: 'plate', load: async () => (await import('./plate.ts')).registerPlate },
];
