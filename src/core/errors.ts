/**
 * Coded errors. Every failure that a user can cause carries a stable `code`; surfaces (command line, HTTP) decide how to
 * show it from the table below and never invent a status of their own.
 */

/** What a code means to the outside: HTTP status and a short title. Detail text belongs to the place that raises it. */
export interface ErrorKind {
  readonly status: number;
  readonly title: string;
}

/** Adding a code: one line here. Codes are UPPER_SNAKE and never change their meaning. */
export const ERROR_KINDS = {
  // Requests and arguments
  ARGUMENT_INVALID: { status: 400, title: 'An argument is not valid' },
  REQUEST_INVALID: { status: 400, title: 'The request is not valid' },
  REQUEST_TOO_LARGE: { status: 413, title: 'The request is too large' },
  MEDIA_TYPE_UNSUPPORTED: { status: 415, title: 'This kind of content is not accepted' },
  NOT_ACCEPTABLE: { status: 406, title: 'This path has no such format to answer in' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'This path does not answer this method' },
  HOST_NOT_ALLOWED: { status: 421, title: 'This service does not answer under this host name' },
  KEY_MISSING: { status: 401, title: 'This service asks for an API key' },
  KEY_INVALID: { status: 401, title: 'The API key is not known' },
  RATE_LIMITED: { status: 429, title: 'Too many requests came from this client; try again later' },
  INDEXING_NOT_ALLOWED: { status: 403, title: 'This service does not index libraries' },
  NOT_FOUND: { status: 404, title: 'Nothing is stored under this name' },
  NAME_UNKNOWN: { status: 404, title: 'No molecule has this name' },
  // Molecules
  SMILES_EMPTY: { status: 422, title: 'The SMILES is empty' },
  SMILES_TOO_LONG: { status: 422, title: 'The SMILES is too long' },
  SMILES_TOO_COMPLEX: { status: 422, title: 'The SMILES has too many atoms, fragments or nested branches' },
  SMILES_SYNTAX: { status: 422, title: 'The SMILES cannot be read' },
  SMILES_VALENCE: { status: 422, title: 'An atom has more bonds than its element allows' },
  SMILES_UNCLOSED_RING: { status: 422, title: 'A ring is opened but not closed' },
  SMILES_KEKULIZE: { status: 422, title: 'The aromatic bonds cannot be assigned' },
  SMILES_IS_REACTION: { status: 422, title: 'This is a reaction, not a molecule' },
  SMILES_IS_QUERY: { status: 422, title: 'This is a pattern (SMARTS) or has open attachment points, not a molecule' },
  ATOM_NOT_FOUND: { status: 422, title: 'An atom is not in the molecule' },
  GROUP_NOT_REPLACEABLE: { status: 422, title: 'These atoms cannot be cut out as one group' },
  FRAGMENT_INVALID: { status: 422, title: 'The fragment has no, too many or wrongly numbered attachment points' },
  SMARTS_INVALID: { status: 422, title: 'The SMARTS cannot be read' },
  MOLECULE_UNSUPPORTED: { status: 422, title: 'This kind of molecule is not supported' },
  MOLECULE_TIMEOUT: { status: 422, title: 'The molecule took too long to process' },
  // Images
  IMAGE_EMPTY: { status: 422, title: 'The image is empty' },
  IMAGE_FORMAT_UNSUPPORTED: { status: 415, title: 'This image format is not accepted' },
  IMAGE_TOO_LARGE: { status: 413, title: 'The image is too large' },
  IMAGE_CORRUPT: { status: 422, title: 'The image cannot be decoded' },
  IMAGE_BLANK: { status: 422, title: 'The image shows no drawing' },
  DRAWING_UNREADABLE: { status: 422, title: 'No structure can be made out in the drawing' },
  IMAGE_NOT_A_DRAWING: { status: 422, title: 'The image does not look like a drawn structure' },
  // Files and bundles
  FILE_NOT_FOUND: { status: 404, title: 'The file does not exist' },
  FILE_UNREADABLE: { status: 422, title: 'The file cannot be read' },
  FILE_FORMAT_UNKNOWN: { status: 415, title: 'The file format is not known' },
  COLUMN_MISSING: { status: 422, title: 'A column is missing' },
  RECORD_INVALID: { status: 422, title: 'A record cannot be read' },
  DISK_FULL: { status: 507, title: 'The disk is full' },
  BUNDLE_NOT_FOUND: { status: 404, title: 'No bundle of this name exists' },
  MAP_MISSING: { status: 404, title: 'The bundle was made without a map' },
  BUNDLE_CORRUPT: { status: 500, title: 'The bundle does not match its manifest' },
  BUNDLE_INCOMPATIBLE: { status: 500, title: 'The bundle was made for another format, model or dimension' },
  BUNDLE_BUSY: { status: 409, title: 'Another process is writing this bundle' },
  INDEX_CORRUPT: { status: 500, title: 'The vector index cannot be read' },
  VECTOR_INVALID: { status: 422, title: 'A vector is not valid' },
  MODALITY_UNSUPPORTED: { status: 422, title: 'The bundle cannot answer this kind of query' },
  // Databases
  DATABASE_UNAVAILABLE: { status: 503, title: 'The database does not answer' },
  DATABASE_READ_ONLY: { status: 403, title: 'The database may not be written to' },
  DATABASE_UNSUITABLE: { status: 500, title: 'The database cannot hold or answer for this library' },
  // Graphs, training and inference
  GRAPH_INVALID: { status: 500, title: 'The graph is not valid' },
  NATIVE_UNAVAILABLE: { status: 500, title: 'The native engine is not built for this machine' },
  NATIVE_FAILED: { status: 500, title: 'The native engine reported an error' },
  DEVICE_UNAVAILABLE: { status: 500, title: 'The requested device is not available' },
  DEVICE_OUT_OF_MEMORY: { status: 507, title: 'The device has too little memory' },
  DEVICE_FAILED: { status: 500, title: 'The device reported an error' },
  CHECKPOINT_INVALID: { status: 422, title: 'The checkpoint cannot be used' },
  DATASET_INVALID: { status: 422, title: 'The training data cannot be used' },
  TRAINING_DIVERGED: { status: 500, title: 'Training produced values that are not finite' },
  MODEL_INVALID: { status: 500, title: 'The model file cannot be used' },
  WORKER_FAILED: { status: 503, title: 'A worker stopped and was replaced; try again' },
  CANCELLED: { status: 499, title: 'The work was cancelled' },
  OVERLOADED: { status: 503, title: 'The service is busy; try again shortly' },
  NOT_READY: { status: 503, title: 'The service is starting or stopping' },
  JOBS_FULL: { status: 429, title: 'Too many jobs are waiting; try again later' },
  INTERNAL: { status: 500, title: 'An internal error occurred' },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERROR_KINDS;

/** Facts about one failure that a program can use, e.g. `{ position: 3 }` or `{ atoms: [0, 1] }`. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | readonly number[] | readonly string[]>>;

/**
 * A failure with a stable code. `message` reads: what was expected, what was received, what to do next.
 */
export class IsoLensError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: { details?: ErrorDetails; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'IsoLensError';
    this.code = code;
    this.details = options.details ?? {};
  }

  get status(): number {
    return ERROR_KINDS[this.code].status;
  }

  get title(): string {
    return ERROR_KINDS[this.code].title;
  }
}

/** Turns anything thrown into an `IsoLensError`; what is already one passes unchanged. */
export function toIsoLensError(thrown: unknown, fallback: ErrorCode = 'INTERNAL'): IsoLensError {
  if (thrown instanceof IsoLensError) return thrown;
  const systemCode = systemErrorCode(thrown);
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (systemCode === 'ENOSPC') return new IsoLensError('DISK_FULL', message, { cause: thrown });
  if (systemCode === 'ENOENT') return new IsoLensError('FILE_NOT_FOUND', message, { cause: thrown });
  return new IsoLensError(fallback, message, { cause: thrown });
}

/** The `code` of a Node.js system error (`ENOSPC`, `ENOENT`, ...), if there is one. */
export function systemErrorCode(thrown: unknown): string | undefined {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && typeof thrown.code === 'string') return thrown.code;
  return undefined;
}
