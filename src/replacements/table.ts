export const TABLE_FILE = 'replacements.bin.gz';
