/** Answers about pairs of molecules, the last ones asked for. */
export class PairMemory<Answer> {
  private readonly answers = new Map<string, Answer>();
  private readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  /** In the order of `to`; `find` is asked for those that are not remembered, each once. */
  async of(from: string, to: readonly string[], find: (missing: readonly string[]) => Promise<readonly Answer[]>): Promise<Answer[]> {
    const keyOf = (smiles: string): string => `${from} ${smiles}`;
    const found = new Map<string, Answer>();
    const missing: string[] = [];
    for (const smiles of new Set(to)) {
      const known = this.answers.get(keyOf(smiles));
      if (known === undefined) missing.push(smiles);
      else found.set(smiles, known);
    }
    const answers = missing.length === 0 ? [] : await find(missing);
    missing.forEach((smiles, i) => found.set(smiles, answers[i]!));
    for (const [smiles, answer] of found) this.remember(keyOf(smiles), answer);
    return to.map((smiles) => found.get(smiles)!);
  }

  /** What is asked again is forgotten last. */
  private remember(key: string, answer: Answer): void {
    this.answers.delete(key);
    this.answers.set(key, answer);
    if (this.answers.size > this.most) this.answers.delete(this.answers.keys().next().value!);
  }
}
