/** Log-odds of a probability between 0 and 1, both exclusive. */
export function logit(probability: number): number {
  return Math.log(probability / (1 - probability));
}

/** The probability, 0 to 1, of log-odds: undoes `logit`. */
export function logistic(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}
