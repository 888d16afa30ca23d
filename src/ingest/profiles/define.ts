import type { Matrix } from '../../core/index.ts';
import type { Well } from './wells.ts';

export interface Profiles {
  /** A row of `matrix` each. */
  readonly wells: readonly Well[];
  /** A column of `matrix` each, in the order of the table. */
  readonly features: readonly string[];
  /** (wells, features), finite. */
  readonly matrix: Matrix;
}
