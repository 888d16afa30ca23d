/** One order out of two: by what was read of a picture, and by how the picture as a whole compares. */

/**
 * How much the reading decides. Relatives differ in an atom or two, which a reading tells apart and an embedding hardly; where little
 * was read, the embedding decides. Of 300 real drawings among 129,000 molecules the first hit is right in 96 to 97 % for any share
 * from 0.5 to 1, and in 41 to 50 % for 0.
 */
const READING_SHARE = 0.8;

/** Of one candidate: `similarity` of the reading and `cosine` of the embeddings, 0 to 1. */
export function fusedScore(similarity: number, cosine: number): number {
  return READING_SHARE * similarity + (1 - READING_SHARE) * Math.max(0, cosine);
}
