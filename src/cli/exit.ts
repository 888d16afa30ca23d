/** 0 done, 1 failed, 2 wrong usage, 3 done but some records were rejected, 130 interrupted. */
export const EXIT = { ok: 0, failed: 1, usage: 2, rejects: 3, interrupted: 130 } as const;
