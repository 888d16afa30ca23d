/** Numbers in a table file are whole: log units and logP in thousandths, square angstroms in hundredths. */
export const SCALE = 1000;
export const TPSA_SCALE = 100;
