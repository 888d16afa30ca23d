/** Names of what is part of the repository. */
export const DEFAULT_MODEL = 'drawing-structure';
export const DEFAULT_READER = 'structure-reader';
